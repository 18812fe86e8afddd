import { ok, warning, type Check, type CheckContext, type Finding } from './check.ts';

type Given = CheckContext['environment'];
const has = (given: Given, name: string): boolean => (given[name] ?? '') !== '';

/** Settings that another one makes pointless: [when, what is ignored and why, what to do]. */
const POINTLESS: readonly (readonly [(given: Given) => boolean, string, string])[] = [
  ...['TEMPORAL_PORT', 'TEMPORAL_UI_PORT'].map(
    (name) =>
      [
        (given: Given) => has(given, name) && has(given, 'TEMPORAL_ADDRESS'),
        `${name} is of the embedded Temporal, and TEMPORAL_ADDRESS names another.`,
        `Leave ${name} out.`,
      ] as const,
  ),
  [
    (given) => has(given, 'MLFLOW_PORT') && has(given, 'MLFLOW_TRACKING_URI'),
    'MLFLOW_PORT is of the embedded MLflow, and MLFLOW_TRACKING_URI names another.',
    'Leave MLFLOW_PORT out.',
  ],
  [
    (given) => has(given, 'WORKER_VERSIONING') && !has(given, 'WORKER_DEPLOYMENT'),
    'WORKER_VERSIONING does nothing without WORKER_DEPLOYMENT.',
    'Set WORKER_DEPLOYMENT, or leave it out.',
  ],
  [
    (given) => has(given, 'MLFLOW_TRACKING_PASSWORD') && !has(given, 'MLFLOW_TRACKING_USERNAME'),
    'MLFLOW_TRACKING_PASSWORD is not sent without MLFLOW_TRACKING_USERNAME.',
    'Set both.',
  ],
  [
    (given) => has(given, 'MLFLOW_TRACKING_TOKEN') && has(given, 'MLFLOW_TRACKING_USERNAME'),
    'MLFLOW_TRACKING_TOKEN is not sent where MLFLOW_TRACKING_USERNAME is set.',
    'Leave one of them out.',
  ],
  [
    (given) => has(given, 'TEMPORAL_API_KEY') && /^(false|0)$/.test(given['TEMPORAL_TLS'] ?? ''),
    'TEMPORAL_API_KEY goes over the network in the clear, as TEMPORAL_TLS is off.',
    'Set TEMPORAL_TLS=true, or leave it out.',
  ],
  [
    (given) =>
      /^(false|0)$/.test(given['AUDIT'] ?? '') &&
      (has(given, 'AUDIT_DATABASE_URL') || has(given, 'AUDIT_CHECKPOINTS')),
    'AUDIT is off: AUDIT_DATABASE_URL and AUDIT_CHECKPOINTS do nothing.',
    'Set AUDIT=true, or leave them out.',
  ],
];

export const settingsTogether: Check = {
  name: 'settings together',
  async run({ environment }) {
    const findings = POINTLESS.flatMap(([when, says, remedy]): Finding[] =>
      when(environment) ? [warning(says, remedy)] : [],
    );
    return findings.length > 0 ? findings : ok('No setting makes another one pointless.');
  },
};
