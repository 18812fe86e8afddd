const words = (text: string): ReadonlySet<string> =>
  new Set(text.split(/\s+/).filter((word) => word !== ''));

/**
 * Functions of MySQL and MariaDB that compute from their arguments (or the clock) and touch nothing
 * else. What is not named is refused: files, sleeps, locks, sequences, stored functions, rand().
 */
export const MYSQL_FUNCTIONS: ReadonlySet<string> = words(`
  abs acos asin atan atan2 ceil ceiling conv cos cot crc32 degrees exp floor ln log log10 log2 mod pi pow power
  radians round sign sin sqrt tan truncate greatest least
  ascii bin bit_length char char_length character_length concat concat_ws elt export_set field find_in_set
  format from_base64 hex insert instr lcase left length locate lower lpad ltrim make_set md5 mid octet_length ord
  position quote regexp_instr regexp_like regexp_replace regexp_substr repeat replace reverse right rpad
  rtrim sha sha1 sha2 soundex space strcmp substr substring substring_index to_base64 translate trim ucase unhex
  upper weight_string
  adddate addtime convert_tz curdate current_date current_time current_timestamp curtime date date_add
  date_format date_sub datediff day dayname dayofmonth dayofweek dayofyear extract from_days from_unixtime
  get_format hour last_day localtime localtimestamp makedate maketime microsecond minute month monthname now
  period_add period_diff quarter sec_to_time second str_to_date subdate subtime sysdate time time_format
  time_to_sec timediff timestamp timestampadd timestampdiff to_char to_days to_seconds unix_timestamp utc_date
  utc_time utc_timestamp week weekday weekofyear year yearweek add_months
  avg bit_and bit_or bit_xor count group_concat json_arrayagg json_objectagg max min std stddev stddev_pop
  stddev_samp sum var_pop var_samp variance median percentile_cont percentile_disc
  cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number any_value
  grouping
  case coalesce if ifnull isnull nullif nvl nvl2 decode_oracle interval cast convert
  json_array json_array_append json_array_insert json_contains json_contains_path json_depth json_exists
  json_extract json_insert json_keys json_length json_merge_patch json_merge_preserve json_object
  json_overlaps json_quote json_remove json_replace json_search json_set json_type json_unquote json_valid
  json_value json_query json_compact json_normalize json_equals
  bit_count inet_aton inet_ntoa uuid_to_bin bin_to_uuid is_uuid
`);

/** Words of the language that a parenthesis may follow. */
export const MYSQL_BEFORE_PARENTHESIS: ReadonlySet<string> = words(`
  all and any as between by case cross distinct div else except exists from having in inner intersect is
  join key lateral like limit match against minus not on or order over regexp rlike row rows range select
  separator some sounds straight_join then union using values when where with xor escape binary offset
  partition index ignore force use for group
  char decimal dec numeric fixed float double varchar nchar binary varbinary datetime time signed unsigned
`);

/** Reserved words that only stand in statements which do more than read. */
export const MYSQL_REFUSED_WORDS: ReadonlyMap<string, string> = new Map([
  ['into', 'writes its result somewhere (INTO)'],
  ['outfile', 'writes a file'],
  ['dumpfile', 'writes a file'],
  ['procedure', 'calls a procedure'],
  ['lock', 'locks rows'],
  ['update', 'locks or changes rows (UPDATE)'],
  ['share', 'locks rows (FOR SHARE)'],
  ['delete', 'deletes rows'],
  ['call', 'calls a procedure'],
  ['load', 'loads a file'],
  ['grant', 'does more than read'],
  ['revoke', 'does more than read'],
  ['create', 'does more than read'],
  ['alter', 'does more than read'],
  ['drop', 'does more than read'],
  ['set', 'changes settings'],
  ['current_user', 'asks for its own account'],
  ['current_role', 'asks for its own account'],
]);

/** Schemas of the database system. */
export const MYSQL_SYSTEM_SCHEMAS: ReadonlySet<string> = words(
  'mysql information_schema performance_schema sys',
);
