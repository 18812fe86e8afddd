import type { WorkerVersion } from './worker-version.ts';

/** In Temporal's enumeration. */
const PINNED_OVERRIDE_BEHAVIOR_PINNED = 1;

/** The change of a workflow's options that has it go on, and end, with a version. */
export function pinnedToCurrent(version: WorkerVersion) {
  return {
    workflowExecutionOptions: {
      versioningOverride: { pinned: { behavior: PINNED_OVERRIDE_BEHAVIOR_PINNED, version } },
    },
    updateMask: { paths: ['versioning_override'] },
  };
}
