const words = (text: string): ReadonlySet<string> =>
  new Set(text.split(/\s+/).filter((word) => word !== ''));

/**
 * Functions of pg_catalog that compute from their arguments (or the clock) and touch nothing else.
 * The list is what may be called; whatever it does not name is refused, a user's own functions too.
 * Left out on purpose: random() and its kin, because a repeated load would read other rows.
 */
export const POSTGRES_FUNCTIONS: ReadonlySet<string> = words(`
  abs cbrt ceil ceiling degrees div erf erfc exp factorial floor gamma gcd lcm lgamma ln log log10 min_scale mod pi
  power radians round scale sign sqrt trim_scale trunc width_bucket acos acosd asin asind atan atand atan2
  atan2d cos cosd cot cotd sin sind tan tand sinh cosh tanh asinh acosh atanh
  ascii bit_length btrim char_length character_length casefold chr concat concat_ws convert_from convert_to decode
  encode format initcap left length like_escape lower lpad ltrim md5 normalize is_normalized octet_length
  overlay parse_ident position quote_literal quote_nullable regexp_count regexp_instr regexp_like
  regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table regexp_substr
  repeat replace reverse right rpad rtrim sha224 sha256 sha384 sha512 similar_escape similar_to_escape split_part
  starts_with string_to_array string_to_table strpos substr substring to_ascii to_hex to_bin to_oct translate trim
  unistr upper
  age clock_timestamp date_add date_bin date_part date_subtract date_trunc extract isfinite justify_days
  justify_hours justify_interval localtime localtimestamp make_date make_interval make_time make_timestamp
  make_timestamptz now overlaps statement_timestamp timezone to_char to_date to_number to_timestamp
  transaction_timestamp
  array_agg array_append array_cat array_dims array_fill array_length array_lower array_ndims array_position
  array_positions array_prepend array_remove array_replace array_reverse array_sort array_to_string array_upper
  cardinality trim_array unnest generate_series generate_subscripts
  any_value avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp every json_agg
  json_object_agg jsonb_agg jsonb_object_agg max min range_agg regr_avgx regr_avgy regr_count regr_intercept
  regr_r2 regr_slope regr_sxx regr_sxy regr_syy stddev stddev_pop stddev_samp string_agg sum var_pop
  var_samp variance mode percentile_cont percentile_disc
  cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number
  json_array_elements json_array_elements_text json_array_length json_build_array json_build_object json_each
  json_each_text json_extract_path json_extract_path_text json_object json_object_keys json_strip_nulls
  json_typeof jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array
  jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path jsonb_extract_path_text jsonb_object
  jsonb_object_keys jsonb_path_exists jsonb_path_query jsonb_path_query_array jsonb_path_query_first
  jsonb_strip_nulls jsonb_typeof row_to_json to_json to_jsonb array_to_json
  num_nonnulls num_nulls isempty lower_inc lower_inf upper_inc upper_inf int4range int8range numrange daterange
  tsrange tstzrange hash_array hashtext
  point box circle area center diameter height width
  bool boolean int2 int4 int8 float4 float8 numeric text varchar bpchar date time timestamp timestamptz interval
`);

/** Types that a query may cast to. */
export const POSTGRES_TYPES: ReadonlySet<string> = words(`
  bool int2 int4 int8 smallint integer bigint float4 float8 real numeric decimal money
  text varchar bpchar char name bytea bit varbit uuid
  date time timetz timestamp timestamptz interval json jsonb point
  int4range int8range numrange daterange tsrange tstzrange
`);

/** Operators that a query may use, all of them PostgreSQL's own. */
export const POSTGRES_OPERATORS: ReadonlySet<string> = words(`
  + - * / % ^ |/ ||/ @ & | # ~ << >> = <> != < > <= >= || ~* !~ !~* ~~ ~~* !~~ !~~* ^@
  -> ->> #> #>> @> <@ ? ?| ?& @? @@ && -|- &< &> <<| |>> <->
`);
