import { DEFAULT_TENANT, tenantOfWorkflow } from '../../schemas/caller.ts';

/**
 * Whose a blob is and what, by its key. Keys are made in few places: steps keep `runs/<workflow>/…`; servers keep
 * what came with a request as `inline/records.<hash>` and `inspections/<workflow>.<hash>`, below `tenants/<tenant>/`
 * for all tenants but the default one; the audit log keeps `histories/<workflow>/…`.
 */
export interface BlobOwner {
  readonly tenant: string;
  /** Undefined for what nobody of ours has put there. */
  readonly kind: BlobKind | undefined;
  /** The workflow whose it is alone; records may be many a run's. */
  readonly workflowId?: string;
}

export type BlobKind = (typeof OF_RUNS)[number] | 'records' | 'inspection' | 'history';

/** What the steps of a run store. */
const OF_RUNS = ['dataset', 'split', 'model', 'predictions', 'checkpoints'] as const;

/** Who owns the blob with such a key. */
export function ownerOfBlob(key: string): BlobOwner {
  const [, named, rest = ''] = /^(?:tenants\/([^/]+)\/)?(.+)$/.exec(key) ?? [];
  const tenant = named ?? DEFAULT_TENANT;
  const [place = '', name = '', file = ''] = rest.split('/');
  if (named === undefined && (place === 'runs' || place === 'histories')) {
    const kind = place === 'histories' ? 'history' : OF_RUNS.find((own) => own === stem(file));
    return { tenant: tenantOfWorkflow(name), kind, workflowId: name };
  }
  if (place === 'inline' && stem(name) === 'records') return { tenant, kind: 'records' };
  if (place === 'inspections') return { tenant, kind: 'inspection', workflowId: stem(name) };
  return { tenant, kind: undefined };
}

/** A name without its hash. */
function stem(name: string): string {
  return name.split('.', 1)[0] ?? '';
}

/** Whose quota a blob counts for. */
export function tenantOfBlob(key: string): string {
  return ownerOfBlob(key).tenant;
}
