import { cancelRunTool } from './cancel-run.ts';
import { compareRunsTool } from './compare-runs.ts';
import { getAuditTool } from './get-audit.ts';
import { getRunTool } from './get-run.ts';
import { listRunsTool } from './list-runs.ts';
import { retryRunTool } from './retry-run.ts';
import { runExperimentTool } from './run-experiment.ts';
import { validateSourceTool } from './validate-source.ts';
import type { Tool } from './tool.ts';

/** Every tool, in the order in which it is listed. */
export const TOOLS: readonly Tool[] = [
  runExperimentTool,
  validateSourceTool,
  getRunTool,
  listRunsTool,
  compareRunsTool,
  retryRunTool,
  cancelRunTool,
  getAuditTool,
];
