import { audit } from './audit.ts';
import { blobs } from './blobs.ts';
import { callers } from './callers.ts';
import type { Check } from './check.ts';
import { clocks } from './clocks.ts';
import { connections } from './connections.ts';
import { disks, folders } from './folders.ts';
import { keyFiles, sharedKeys } from './key-files.ts';
import { memory, programs } from './machine.ts';
import { misspeltSettings } from './misspelt-settings.ts';
import { mlflow } from './mlflow.ts';
import { queues } from './queues.ts';
import { retention } from './retention.ts';
import { settingsTogether } from './settings-together.ts';
import { temporal } from './temporal.ts';
import { visibility } from './visibility.ts';

/** Everything that is looked at, in the order in which it is told. */
export const CHECKS: readonly Check[] = [
  ...[misspeltSettings, settingsTogether, programs],
  ...[temporal, retention, visibility, queues, mlflow, clocks],
  ...[blobs, audit, keyFiles, sharedKeys, callers],
  ...[folders, connections, disks, memory],
];
