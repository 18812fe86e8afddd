import type { Task } from '../task.ts';
import { FOLLOWING } from './following.ts';
import { GONE_WAITERS } from './gone-waiters.ts';
import { LOST_ANSWERS } from './lost-answers.ts';
import { ODD_ARGUMENTS } from './odd-arguments.ts';
import { SMALL_ANSWERS } from './small-answers.ts';
import { WRONG_NAMES } from './wrong-names.ts';

export const TASKS: readonly Task[] = [
  ...LOST_ANSWERS,
  ...FOLLOWING,
  ...GONE_WAITERS,
  ...ODD_ARGUMENTS,
  ...SMALL_ANSWERS,
  ...WRONG_NAMES,
];
