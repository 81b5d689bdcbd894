-- A build may be widened to days on which nothing changes: the marts that read it owe only those on which something does.

-- The days of a build, by the mart's span column, on which publishing its candidate would add, change or remove a row. A build of one day is not
-- compared: that day. Null when no row of several days differs.
create function ops.dates_to_change(in_account_id text, in_build_id bigint) returns date[] language plpgsql set enable_nestloop to off as $$
declare
    this ops.build;
    mart_table regclass;
    span_column text;
    key_columns text [];
    value_columns text [];
    changed_dates date [];
begin
    select b.* into this from ops.build as b where b.account_id = in_account_id and b.build_id = in_build_id;
    if this.from_date = this.to_date then
        return array[this.from_date];
    end if;
    perform pg_advisory_xact_lock(hashtextextended('mart|' || in_account_id || '|' || this.mart_code, 0));
    mart_table := format('mart.%I', this.mart_code)::regclass;
    span_column := ops.span_column(mart_table);
    select array_agg(a.attname::text order by a.attnum) into key_columns
    from pg_index as i
    inner join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
    where i.indrelid = mart_table and i.indisprimary;
    select array_agg(a.attname::text order by a.attnum) into value_columns
    from pg_attribute as a
    where a.attrelid = mart_table and a.attnum > 0 and not a.attisdropped
        and a.attname <> all(key_columns) and a.attname <> 'built_at';
    execute format(
        'select array_agg(distinct s.span_date) '
        'from (select * from %1$s as p where p.account_id = $1 and p.%2$I between $2 and $3) as m '
        'full join (select * from candidate.%3$I as q where q.build_id = $4) as c on %4$s '
        'cross join lateral (values (m.%2$I), (c.%2$I)) as s (span_date) '
        'where s.span_date is not null and (m.account_id is null or c.account_id is null or (%5$s) is distinct from (%6$s))',
        mart_table, span_column, this.mart_code,
        (select string_agg(format('m.%1$I = c.%1$I', k), ' and ') from unnest(key_columns) as k),
        (select string_agg(format('m.%I', v), ', ') from unnest(value_columns) as v),
        (select string_agg(format('c.%I', v), ', ') from unnest(value_columns) as v)
    ) into changed_dates using in_account_id, this.from_date, this.to_date, in_build_id;
    return changed_dates;
end $$;
