/** The instances that are chosen in the dashboard. */
export const HERE = 'instance=~"$instance"';

/** A counter’s growth a second. @param by labels that are kept */
export const rate = (metric: string, by = '', where = HERE): string =>
  `sum${by && ` by (${by})`} (rate(${metric}{${where}}[$__rate_interval]))`;

/** A quantile of a histogram. @param by labels that are kept */
export const quantile = (q: number, metric: string, by = '', where = HERE): string =>
  `histogram_quantile(${q}, ${rate(`${metric}_bucket`, by === '' ? 'le' : `${by}, le`, where)})`;
