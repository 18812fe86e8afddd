import { problem, ok, type Check } from './check.ts';

/** Worker Deployments are in Temporal’s servers from this version on. */
const DEPLOYMENTS = [1, 28];

export const temporal: Check = {
  name: 'Temporal',
  async run({ config, temporal: door }) {
    if (!door) {
      return problem(
        `Temporal does not answer at ${config.temporalAddress}.`,
        config.embeddedTemporal
          ? '“npm start” runs one there; or set TEMPORAL_ADDRESS.'
          : 'Start it, or correct TEMPORAL_ADDRESS (and TEMPORAL_TLS, TEMPORAL_API_KEY).',
      );
    }
    const { connection, namespace } = door;
    const { serverVersion = '' } = await connection.workflowService.getSystemInfo({});
    try {
      await connection.workflowService.describeNamespace({ namespace });
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      return problem(
        `Temporal answers at ${config.temporalAddress}, but not for the namespace ${namespace} (${grpcWords(code)}).`,
        'Make it, or correct TEMPORAL_NAMESPACE, or let this key into it.',
      );
    }
    const [major = 0, minor = 0] = (serverVersion ?? '').split('.').map(Number);
    const old = major < 1 || (major === 1 && minor < (DEPLOYMENTS[1] ?? 0));
    if (serverVersion && config.WORKER_DEPLOYMENT !== undefined && old) {
      return problem(
        `Temporal ${serverVersion} does not know Worker Deployments as WORKER_DEPLOYMENT needs them.`,
        `Use Temporal ${DEPLOYMENTS.join('.')} or newer, or leave WORKER_DEPLOYMENT out.`,
      );
    }
    return ok(
      `Temporal ${serverVersion} answers at ${config.temporalAddress}, namespace ${namespace}.`,
    );
  },
};

function grpcWords(code: unknown): string {
  const words: Readonly<Record<string, string>> = {
    5: 'it is not there',
    7: 'no permission',
    16: 'not let in',
  };
  return words[String(code)] ?? `code ${String(code)}`;
}
