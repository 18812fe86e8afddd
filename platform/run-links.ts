import type { Config } from '../schemas/config.ts';
import type { RunAnswer } from '../schemas/run-view.ts';

/** Where a person looks at a run. */
export interface RunLinks {
  of(
    workflowId: string,
    run: { readonly runId: string; readonly experimentId: string } | undefined,
  ): RunAnswer['links'];
}

export interface LinkBases {
  readonly mlflowUrl: string;
  readonly temporalUiUrl: string | null;
  readonly namespace: string;
}

export function createRunLinks(bases: LinkBases): RunLinks {
  return {
    of: (workflowId, run) => ({
      mlflow: run ? `${bases.mlflowUrl}/#/experiments/${run.experimentId}/runs/${run.runId}` : null,
      temporal:
        bases.temporalUiUrl === null
          ? null
          : `${bases.temporalUiUrl}/namespaces/${encodeURIComponent(bases.namespace)}/workflows/${encodeURIComponent(workflowId)}`,
    }),
  };
}

/** The links of an installation. */
export function runLinksFrom(config: Config): RunLinks {
  return createRunLinks({
    mlflowUrl: config.mlflowPublicUrl,
    temporalUiUrl: config.temporalUiUrl,
    namespace: config.TEMPORAL_NAMESPACE,
  });
}
