-- Marts of any grain, in layers: what a build counts its days by, and what becomes of one that nobody finished.

alter table ops.build drop constraint build_status_code_check;
alter table ops.build add constraint build_status_code_check
check (status_code in ('built', 'gated', 'published', 'blocked', 'abandoned'));

-- The date column by which a mart's rows belong to the days of a build.
create function ops.span_column(in_mart regclass) returns text language sql stable as $$
    select a.attname::text
    from unnest(array['business_date', 'observed_date', 'week_end_date', 'opened_date']) with ordinality as s (column_name, place)
    inner join pg_attribute as a on a.attrelid = in_mart and a.attname = s.column_name and a.atttypid = 'date'::regtype
    order by s.place
    limit 1
$$;

-- As before, for a mart of any grain: the days of the build are those of the mart's span column.
create or replace function ops.publish_build(in_account_id text, in_build_id bigint)
returns table (inserted_row_count integer, updated_row_count integer, removed_row_count integer) language plpgsql as $$
declare
    this ops.build;
    mart_table regclass;
    candidate_table regclass;
    span_column text;
    key_columns text [];
    value_columns text [];
    same_key text;
    merged integer;
begin
    select b.* into this from ops.build as b where b.account_id = in_account_id and b.build_id = in_build_id for update;
    if this.build_id is null or this.status_code <> 'gated' then
        raise exception 'build % of % is %, only a build that passed its gate can be published',
            in_build_id, in_account_id, coalesce(this.status_code, 'not there');
    end if;
    perform pg_advisory_xact_lock(hashtextextended('mart|' || in_account_id || '|' || this.mart_code, 0));
    mart_table := format('mart.%I', this.mart_code)::regclass;
    candidate_table := format('candidate.%I', this.mart_code)::regclass;
    span_column := ops.span_column(mart_table);
    -- A week begins before the day that it is counted by, and an instant's month is that of UTC.
    perform ops.make_partitions(mart_table, this.from_date - 7, this.to_date + 1);
    select array_agg(a.attname::text order by a.attnum) into key_columns
    from pg_index as i
    inner join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
    where i.indrelid = mart_table and i.indisprimary;
    select array_agg(a.attname::text order by a.attnum) into value_columns
    from pg_attribute as a
    where a.attrelid = mart_table and a.attnum > 0 and not a.attisdropped
        and a.attname <> all(key_columns) and a.attname <> 'built_at';
    select string_agg(format('m.%1$I = c.%1$I', k), ' and ') into same_key from unnest(key_columns) as k;
    execute format(
        'delete from %s as m where m.account_id = $1 and m.%I between $2 and $3 '
        'and not exists (select 1 from %s as c where c.build_id = $4 and %s)', mart_table, span_column, candidate_table, same_key
    ) using in_account_id, this.from_date, this.to_date, in_build_id;
    get diagnostics removed_row_count = row_count;
    execute format(
        'select count(*) from %s as m inner join %s as c on %s and c.build_id = $4 '
        'where m.account_id = $1 and m.%I between $2 and $3 and (%s) is distinct from (%s)', mart_table, candidate_table, same_key, span_column,
        (select string_agg(format('m.%I', v), ', ') from unnest(value_columns) as v),
        (select string_agg(format('c.%I', v), ', ') from unnest(value_columns) as v)
    ) into updated_row_count using in_account_id, this.from_date, this.to_date, in_build_id;
    execute format(
        'merge into %1$s as m using (select * from %2$s as s where s.build_id = $1) as c on %3$s '
        'when matched and (%4$s) is distinct from (%5$s) then update set %6$s, built_at = $2 '
        'when not matched then insert (%7$s, built_at) values (%8$s, $2)',
        mart_table, candidate_table, same_key,
        (select string_agg(format('m.%I', v), ', ') from unnest(value_columns) as v),
        (select string_agg(format('c.%I', v), ', ') from unnest(value_columns) as v),
        (select string_agg(format('%1$I = c.%1$I', v), ', ') from unnest(value_columns) as v),
        (select string_agg(format('%I', v), ', ') from unnest(key_columns || value_columns) as v),
        (select string_agg(format('c.%I', v), ', ') from unnest(key_columns || value_columns) as v)
    ) using in_build_id, this.built_at;
    get diagnostics merged = row_count;
    inserted_row_count := merged - updated_row_count;
    execute format('delete from %s as c where c.build_id = $1', candidate_table) using in_build_id;
    update ops.build as b set
        status_code = 'published',
        inserted_row_count = publish_build.inserted_row_count,
        updated_row_count = publish_build.updated_row_count,
        removed_row_count = publish_build.removed_row_count,
        published_at = clock_timestamp()
    where b.account_id = in_account_id and b.build_id = in_build_id;
    return next;
end $$;

-- Ends the builds of an account that a process left between building and publishing, and removes their candidate rows.
create function ops.abandon_unfinished_builds(in_account_id text) returns void language plpgsql as $$
declare
    left_build record;
begin
    for left_build in
        update ops.build as b set status_code = 'abandoned'
        where b.account_id = in_account_id and b.status_code in ('built', 'gated')
        returning b.build_id, b.mart_code
    loop
        if to_regclass(format('candidate.%I', left_build.mart_code)) is not null then
            execute format('delete from candidate.%I as c where c.build_id = $1', left_build.mart_code) using left_build.build_id;
        end if;
    end loop;
end $$;

-- A published mart makes the marts that read it owe their days; marts read who competes and what people did.
grant insert, update on ops.dirty_mart to daybreak_transformer;
grant select on ops.watched_competitor, ops.control_action to daybreak_transformer;
