/**
 * The parts of PostgreSQL's syntax tree that a reading query may consist of. Each node type lists its
 * allowed fields: `name` holds nodes or plain values, `name:Type` holds one node without its wrapper.
 * A node or field that is not listed is refused, so what a future PostgreSQL adds is refused too.
 */
const GRAMMAR = `
SelectStmt distinctClause targetList fromClause whereClause groupClause groupDistinct groupAll havingClause windowClause
  valuesLists sortClause limitOffset limitCount limitOption withClause:WithClause op all larg:SelectStmt rarg:SelectStmt
WithClause ctes recursive
CommonTableExpr ctename aliascolnames ctematerialized ctequery
ResTarget name val
ColumnRef fields
A_Star
String sval
A_Const ival fval sval boolval bsval isnull
Integer ival
Float fval
Boolean boolval
A_Expr kind name lexpr rexpr rexpr_list_start rexpr_list_end
BoolExpr boolop args
NullTest arg nulltesttype
BooleanTest arg booltesttype
CaseExpr arg args defresult
CaseWhen expr result
CoalesceExpr args
MinMaxExpr op args
TypeCast arg typeName:TypeName
TypeName names typmods typemod arrayBounds
CollateClause arg collname
SQLValueFunction op typmod
A_ArrayExpr elements list_start list_end
A_Indirection arg indirection
A_Indices is_slice lidx uidx
RowExpr args row_format
SubLink subLinkType testexpr operName subselect
FuncCall funcname args agg_order agg_filter agg_within_group agg_star agg_distinct func_variadic funcformat over:WindowDef
NamedArgExpr arg name argnumber
GroupingSet kind content
GroupingFunc args
WindowDef name refname partitionClause orderClause frameOptions startOffset endOffset
SortBy node sortby_dir sortby_nulls
RangeVar catalogname schemaname relname inh relpersistence alias:Alias
RangeSubselect lateral subquery alias:Alias
RangeFunction lateral ordinality is_rowsfrom functions alias:Alias
RangeTableSample relation method args repeatable
JoinExpr jointype isNatural larg rarg usingClause quals alias:Alias join_using_alias:Alias
Alias aliasname colnames
List items
`;

export type NodeFields = ReadonlyMap<string, string | undefined>;

/** Node type -> field -> the type of an unwrapped node, or undefined. `location` is allowed everywhere. */
export const NODES: ReadonlyMap<string, NodeFields> = new Map(
  GRAMMAR.trim()
    .split(/\n(?! )/)
    .map((line) => {
      const [type = '', ...fields] = line.split(/\s+/);
      const entries = fields.map((field): [string, string | undefined] => {
        const [name = '', unwrapped] = field.split(':');
        return [name, unwrapped];
      });
      return [type, new Map([...entries, ['location', undefined]])];
    }),
);
