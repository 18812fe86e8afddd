import type { Caller } from '../../schemas/caller.ts';
import type { Experiments } from './experiments.ts';

/**
 * Told before an operation is done for a call, with the workflow that it is going to start.
 * @throws Failure AUDIT_UNAVAILABLE: then it is not done
 */
export type Announce = (workflowId?: string) => Promise<void>;

/** The experiments of a caller's tenant, for one call. @param announce is told of all that the call does */
export type ExperimentsOf = (caller: Caller, announce?: Announce) => Experiments;
