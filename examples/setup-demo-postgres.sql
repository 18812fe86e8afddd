-- Demo data for SQL sources: 600 rows of three uniform features in [-1, 1) and a label that they tell
-- but for a little noise. The same rows at each run on the same major version of PostgreSQL.
--   psql "postgresql://demo:demo@localhost:5432/demo" -f examples/setup-demo-postgres.sql
begin;

drop table if exists training_table;

create table training_table (
    f1 double precision not null,
    f2 double precision not null,
    f3 double precision not null,
    y integer not null
);

do $$ begin perform setseed(0.42); end $$;

insert into training_table
select f1, f2, f3, (f1 * 0.8 + f2 * 0.3 - f3 * 0.2 + noise > 0)::integer
from (
    select
        random() * 2 - 1 as f1,
        random() * 2 - 1 as f2,
        random() * 2 - 1 as f3,
        random() * 0.4 - 0.2 as noise
    from generate_series(1, 600)
) as drawn;

commit;
