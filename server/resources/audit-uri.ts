/** An address of a run's trail, in any case that URLs may have. */
export function isAuditUri(uri: unknown): boolean {
  return typeof uri === 'string' && /^run:\/\/[^/]+\/audit$/i.test(uri);
}
