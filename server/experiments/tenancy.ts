import { createHash, randomUUID } from 'node:crypto';

import { DEFAULT_TENANT } from '../../schemas/caller.ts';
import { TAGS } from '../../schemas/names.ts';

/** How one tenant's things are told from another's in the Temporal and the MLflow that all share. */
export interface Tenancy {
  readonly tenant: string;
  /** The id of a new workflow; always the same one for a key. */
  readonly workflowId: (key?: string) => string;
  /** The id that a caller gave, or in place of another tenant's one that nobody has. */
  readonly ownId: (id: string) => string;
  /** What all of its names begin with in MLflow; empty for the default tenant. */
  readonly namePrefix: string;
  /** The name that MLflow knows for this tenant's experiment or registered model. */
  readonly qualified: (name: string) => string;
  /** The tenant's own name of it; undefined for what belongs to another. */
  readonly shown: (qualified: string) => string | undefined;
  /** Where a blob of that name lies. */
  readonly blobName: (name: string) => string;
  /** Whether a workflow with such a memo is the tenant's. */
  readonly ownsWorkflow: (memo: Readonly<Record<string, unknown>> | undefined) => boolean;
  /** Whether a run with such tags is the tenant's. */
  readonly ownsRun: (tags: Readonly<Record<string, string>>) => boolean;
}

/** In the memo of a workflow: whose it is. */
export const TENANT_MEMO = 'tenant';

/** Every workflow of ours is named so; an MLflow run id is 32 hex digits. */
export const WORKFLOW_ID = /^experiment-/;
/** A tenant's name and a tilde. */
const FOREIGN = /^[a-z0-9][a-z0-9_-]*~/;
/** A name of the default tenant's that looks like another's, and so gets one more tilde in front. */
const LOOKS_FOREIGN = /^~*[a-z0-9][a-z0-9_-]*~/;

/**
 * Ids are `experiment-<tenant>.<unique>`, names `<tenant>~<name>`; the default tenant's have neither
 * part, so that a server without tenants keeps its names as they are.
 */
export function createTenancy(tenant: string): Tenancy {
  const alone = tenant === DEFAULT_TENANT;
  const idPrefix = alone ? 'experiment-' : `experiment-${tenant}.`;
  const namePrefix = alone ? '' : `${tenant}~`;
  return {
    tenant,
    namePrefix,
    workflowId: (key) =>
      idPrefix + (key === undefined ? randomUUID() : `key-${sha256(key).slice(0, 40)}`),
    ownId(id) {
      if (!WORKFLOW_ID.test(id)) return id;
      const own = id.startsWith(idPrefix) && !id.slice(idPrefix.length).includes('.');
      return own ? id : `${idPrefix}foreign-${sha256(id).slice(0, 32)}`;
    },
    qualified: (name) => (alone && LOOKS_FOREIGN.test(name) ? `~${name}` : namePrefix + name),
    shown(qualified) {
      if (!alone) {
        return qualified.startsWith(namePrefix) ? qualified.slice(namePrefix.length) : undefined;
      }
      if (FOREIGN.test(qualified)) return undefined;
      return LOOKS_FOREIGN.test(qualified) ? qualified.slice(1) : qualified;
    },
    blobName: (name) => (alone ? name : `tenants/${tenant}/${name}`),
    ownsWorkflow: (memo) => (memo?.[TENANT_MEMO] ?? DEFAULT_TENANT) === tenant,
    ownsRun: (tags) => (tags[TAGS.tenant] ?? DEFAULT_TENANT) === tenant,
  };
}

/** As requests name it: the default tenant's stand as they did before there were others. */
export function tenantOf({ tenant }: Tenancy): string | undefined {
  return tenant === DEFAULT_TENANT ? undefined : tenant;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
