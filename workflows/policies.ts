import type { ActivityOptions } from '@temporalio/workflow';
import { ActivityCancellationType } from '@temporalio/workflow';

const { WAIT_CANCELLATION_COMPLETED } = ActivityCancellationType;

/**
 * How long each step may take and how often it is tried. Which failures end a run at once is not
 * decided here but by their code (schemas/failure.ts): those arrive as non-retryable.
 */
export const POLICIES = {
  /**
   * Answers in seconds, or gives up after three tries (activities/failures.ts). Those that a worker took
   * and never answered do not count: a frozen one swallows as many as it has open polls.
   */
  quick: {
    startToCloseTimeout: '45 seconds',
    heartbeatTimeout: '10 seconds',
    retry: {
      ...{ initialInterval: '500 ms', backoffCoefficient: 2, maximumInterval: '5 seconds' },
      maximumAttempts: 30,
    },
    cancellationType: WAIT_CANCELLATION_COMPLETED,
  },
  /** Reads a source while its caller waits, who goes after 45 seconds. */
  look: {
    startToCloseTimeout: '40 seconds',
    scheduleToCloseTimeout: '44 seconds',
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '500 ms', backoffCoefficient: 2, maximumAttempts: 3 },
    cancellationType: WAIT_CANCELLATION_COMPLETED,
  },
  /** Talks to MLflow, and outlasts its absence for a day. */
  tracking: {
    startToCloseTimeout: '10 minutes',
    scheduleToCloseTimeout: '1 day',
    heartbeatTimeout: '15 seconds',
    retry: { initialInterval: '500 ms', backoffCoefficient: 2, maximumInterval: '30 seconds' },
    cancellationType: WAIT_CANCELLATION_COMPLETED,
  },
  /** Moves data: minutes, again after a lost connection, outlasting a database away for hours. */
  data: {
    startToCloseTimeout: '2 hours',
    scheduleToCloseTimeout: '1 day',
    heartbeatTimeout: '15 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
    cancellationType: WAIT_CANCELLATION_COMPLETED,
  },
  /** Computes, for hours if it must; heartbeats tell a dead worker from a busy one. */
  compute: {
    startToCloseTimeout: '1 day',
    heartbeatTimeout: '15 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
    cancellationType: WAIT_CANCELLATION_COMPLETED,
  },
} as const satisfies Record<string, ActivityOptions>;
