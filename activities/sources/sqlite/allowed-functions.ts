/**
 * Functions of SQLite that compute from their arguments alone. Left out are those that load code,
 * touch files, allocate at will (zeroblob, randomblob, printf) or give different answers each time.
 */
export const SQLITE_FUNCTIONS: ReadonlySet<string> = new Set(
  `abs acos acosh asin asinh atan atan2 atanh avg ceil ceiling char coalesce concat concat_ws cos cosh count
  cume_dist date datetime degrees dense_rank exp first_value floor glob group_concat hex if ifnull iif instr
  json json_array json_array_length json_extract json_group_array json_group_object json_object json_quote
  json_type json_valid julianday lag last_value lead length like likelihood likely ln log log10 log2 lower
  ltrim max median min mod nth_value ntile nullif octet_length percent_rank percentile percentile_cont
  percentile_disc pi pow power quote radians rank replace round row_number rtrim sign sin sinh soundex sqrt
  strftime string_agg substr substring sum tan tanh time timediff total trim trunc typeof unhex unicode
  unixepoch unlikely upper -> ->>`
    .split(/\s+/)
    .filter((name) => name !== ''),
);

/** Tables that SQLite makes from an argument. */
export const SQLITE_TABLE_FUNCTIONS: readonly string[] = ['json_each', 'json_tree'];
