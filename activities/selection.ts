import type { Selection } from '../schemas/dataset.ts';
import type { InspectionInput } from '../schemas/inspection.ts';
import type { Limits } from '../schemas/request.ts';
import type { ReadContext, SourceLimits } from './sources/source-types.ts';
import { stepContext } from './step-context.ts';

/** What a request predicts from what. Inline records are always texts with labels. */
export function selectionOf({ source, model }: InspectionInput): Selection {
  if (source.kind === 'inline') return { task: 'text', target: 'label', features: ['text'] };
  return {
    task: model === 'logreg_text' ? 'text' : 'tabular',
    target: source.target,
    features: source.features,
  };
}

/** How this attempt reads its source. */
export function readContext(
  request: { readonly limits: Limits; readonly tenant?: string | undefined },
  own: SourceLimits,
  scratch: string,
): ReadContext {
  const { signal, report, spend } = stepContext();
  return {
    ...{ signal, scratch, tenant: request.tenant },
    limits: limitsOf(request, own),
    onProgress: ({ rows }) => report({ message: `${rows} rows read` }),
    onSpent: spend,
  };
}

/** The request's limits, never above the server's own. */
export function limitsOf({ limits }: { readonly limits: Limits }, own: SourceLimits): SourceLimits {
  return {
    ...own,
    maxRows: Math.min(own.maxRows, limits.max_rows ?? Infinity),
    maxBytes: Math.min(own.maxBytes, limits.max_bytes ?? Infinity),
  };
}
