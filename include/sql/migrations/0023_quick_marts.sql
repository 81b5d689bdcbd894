-- Marts of large accounts, built, judged and published in little time, however long their history is.

-- As before, for a mart whose table the planner knows little of: candidates come and go within minutes, so that their statistics are those of an
-- empty table or of another mart's size, and a nested loop over them never ends. The days of a build are joined as a whole instead. Where the
-- day by which rows are counted is part of the key, only those days of the mart are read; days that hold nothing yet are only added to.
create or replace function ops.publish_build(in_account_id text, in_build_id bigint)
returns table (inserted_row_count integer, updated_row_count integer, removed_row_count integer)
language plpgsql set enable_nestloop to off set work_mem to '64MB' as $$
declare
    this ops.build;
    mart_table regclass;
    candidate_table regclass;
    span_column text;
    key_columns text [];
    value_columns text [];
    published text;
    same_key text;
    has_rows boolean;
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
    published := format('m.account_id = $1 and m.%I between $2 and $3', span_column);
    select string_agg(format('m.%1$I = c.%1$I', k), ' and ') into same_key from unnest(key_columns) as k;

    removed_row_count := 0;
    updated_row_count := 0;
    execute format('select exists (select from %s as m where %s)', mart_table, published)
    into has_rows using in_account_id, this.from_date, this.to_date;
    if has_rows then
        execute format(
            'delete from %s as m where %s and not exists (select from %s as c where c.build_id = $4 and %s)',
            mart_table, published, candidate_table, same_key
        ) using in_account_id, this.from_date, this.to_date, in_build_id;
        get diagnostics removed_row_count = row_count;
    end if;

    -- A row whose day of counting has moved without its key stands outside of the build's days.
    has_rows := has_rows or span_column <> all(key_columns);
    same_key := same_key || ' and ' || case when span_column = any(key_columns) then published else 'm.account_id = $1' end;
    if has_rows then
        execute format(
            'update %s as m set %s, built_at = $5 from %s as c where c.build_id = $4 and %s and (%s) is distinct from (%s)',
            mart_table, (select string_agg(format('%1$I = c.%1$I', v), ', ') from unnest(value_columns) as v), candidate_table, same_key,
            (select string_agg(format('m.%I', v), ', ') from unnest(value_columns) as v),
            (select string_agg(format('c.%I', v), ', ') from unnest(value_columns) as v)
        ) using in_account_id, this.from_date, this.to_date, in_build_id, this.built_at;
        get diagnostics updated_row_count = row_count;
    end if;
    execute format(
        'insert into %s (%s, built_at) select %s, $5 from %s as c where c.build_id = $4%s', mart_table,
        (select string_agg(format('%I', v), ', ') from unnest(key_columns || value_columns) as v),
        (select string_agg(format('c.%I', v), ', ') from unnest(key_columns || value_columns) as v), candidate_table,
        case when has_rows then format(' and not exists (select from %s as m where %s)', mart_table, same_key) else '' end
    ) using in_account_id, this.from_date, this.to_date, in_build_id, this.built_at;
    get diagnostics inserted_row_count = row_count;

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

-- What follows is PL/pgSQL only so that it is planned by itself, with the days that it is asked for: months that are not read are not even opened,
-- and the planner knows how much it will find.

-- What the products sold in each of the weeks that end on in_end_dates, of in_asins or of all: nothing without a row, null where a row does not say it.
create or replace function mart.sales_of_weeks(in_account_id text, in_end_dates date[], in_asins text[])
returns table (asin text, end_date date, revenue numeric, return_units bigint, shipped_units bigint) language plpgsql stable rows 100000 as $$
#variable_conflict use_column
declare
    view_code text := (select a.primary_distributor_view_code from ops.account as a where a.account_id = in_account_id);
    from_date date := (select min(e.end_date) - 6 from unnest(in_end_dates) as e (end_date));
    to_date date := (select max(e.end_date) from unnest(in_end_dates) as e (end_date));
begin
    return query
    select
        s.asin, w.end_date, case when count(s.revenue) = count(*) then sum(s.revenue) end,
        case when bool_and(s.is_return_known) then sum(s.customer_return_units) end,
        case when bool_and(s.is_return_known) then sum(s.shipped_units) end
    from (
        select
            f.asin, f.business_date, f.customer_return_units, f.shipped_units,
            f.customer_return_units is not null and f.shipped_units is not null as is_return_known,
            case view_code when 'SOURCING' then f.shipped_revenue_amount else f.ordered_revenue_amount end as revenue
        from core.sales_daily as f
        where f.account_id = in_account_id and f.business_date between from_date and to_date and f.distributor_view_code = view_code
            and (in_asins is null or f.asin = any(in_asins))
    ) as s
    inner join (
        select e.end_date, e.end_date - o.days as business_date
        from (select distinct u.end_date from unnest(in_end_dates) as u (end_date)) as e
        cross join generate_series(0, 6) as o (days)
    ) as w on s.business_date = w.business_date
    group by s.asin, w.end_date;
end $$;

-- As before: one ASIN of the catalogue of each day from from_date to to_date that ends 7 published days: their revenue, and the median and noise
-- (1.4826 times the median distance from it) of the newest 8 of the 16 windows before them that are usual; both null with fewer than 5. The newest
-- 8 windows are looked at first, those before them only for ASINs of which one of these is not usual. Returned and shipped units of 28 days are
-- null unless all of these are published; is_returned says that they are so high that a longer look is due.
create or replace function mart.usual_weeks(in_account_id text, from_date date, to_date date, in_sales_days date[])
returns table (
    business_date date, asin text, first_date date, week_amount numeric, window_count integer, median_amount numeric, noise_amount numeric,
    return_units bigint, shipped_units bigint, is_returned boolean
) language plpgsql stable rows 20000 as $$
#variable_conflict use_column
begin
    return query
    with
    -- A day and the week that ends so many weeks before it; usual unless a day of it is not published or lies in an event.
    day_week as materialized (
        select
            g::date as business_date, w.weeks, e.end_date,
            mart.has_all_days(e.end_date, 7, in_sales_days) is true and not exists (
                select 1 from ops.event_calendar as v
                where v.marketplace_code = a.marketplace_code and v.start_date <= e.end_date and v.end_date >= e.end_date - 6
            ) as is_usual
        from ops.account as a
        cross join generate_series(from_date::timestamp, to_date, interval '1 day') as g
        cross join generate_series(0, 16) as w (weeks)
        cross join lateral (select g::date - 7 * w.weeks as end_date) as e
        where a.account_id = in_account_id and mart.has_all_days(g::date, 7, in_sales_days)
    ),

    known_asin as materialized (
        select k.*, d.promotion_dates
        from (
            select
                p.asin, min(p.first_seen_date) as first_date,
                min(case when p.valid_from_date = '1970-01-01' then coalesce(p.first_seen_date, p.valid_from_date)
                    else least(p.valid_from_date, p.first_seen_date) end) as catalogue_date
            from core.product as p
            where p.account_id = in_account_id
            group by p.asin
        ) as k
        left join (
            select q.* from ops.account as a cross join lateral mart.promotion_days(a.account_id, a.time_zone) as q
            where a.account_id = in_account_id
        ) as d on k.asin = d.asin
        where k.catalogue_date <= to_date
    ),

    near as materialized (
        select
            k.asin, d.business_date, k.first_date, k.promotion_dates,
            max(u.amount) filter (where d.weeks = 0) as week_amount,
            array_agg(u.amount order by d.weeks) filter (where u.is_usual) as amounts,
            case when bool_and(s.asin is null or s.return_units is not null) filter (where d.weeks < 4)
                then coalesce(sum(s.return_units) filter (where d.weeks < 4), 0) end::bigint as return_units,
            case when bool_and(s.asin is null or s.return_units is not null) filter (where d.weeks < 4)
                then coalesce(sum(s.shipped_units) filter (where d.weeks < 4), 0) end::bigint as shipped_units
        from known_asin as k
        inner join day_week as d on k.catalogue_date <= d.business_date and d.weeks <= 8
        left join mart.sales_of_weeks(in_account_id, array(select w.end_date from day_week as w where w.weeks <= 8), null) as s
            on k.asin = s.asin and d.end_date = s.end_date
        cross join lateral (select case when s.asin is null then 0 else s.revenue end as amount) as m
        cross join lateral (
            select
                m.amount,
                d.weeks > 0 and d.is_usual and m.amount is not null and coalesce(d.end_date - 6 >= k.first_date, false)
                and not coalesce(k.promotion_dates && daterange(d.end_date - 6, d.end_date, '[]'), false) as is_usual
        ) as u
        group by k.asin, d.business_date, k.first_date, k.promotion_dates
    ),

    -- What the eight weeks before these tell of the products that miss one of them.
    far as (
        select n.asin, n.business_date, array_agg(m.amount order by d.weeks) as amounts
        from near as n
        inner join day_week as d on n.business_date = d.business_date and d.weeks > 8 and d.is_usual and d.end_date - 6 >= n.first_date
        left join mart.sales_of_weeks(
            in_account_id, array(select w.end_date from day_week as w where w.weeks > 8),
            array(select distinct l.asin from near as l where coalesce(cardinality(l.amounts), 0) < 8)
        ) as s on n.asin = s.asin and d.end_date = s.end_date
        cross join lateral (select case when s.asin is null then 0 else s.revenue end as amount) as m
        where coalesce(cardinality(n.amounts), 0) < 8 and m.amount is not null
            and not coalesce(n.promotion_dates && daterange(d.end_date - 6, d.end_date, '[]'), false)
        group by n.asin, n.business_date
    )

    select
        n.business_date, n.asin, n.first_date, n.week_amount, coalesce(cardinality(u.amounts), 0), m.median_amount, o.noise_amount,
        case when b.has_returns then n.return_units end, case when b.has_returns then n.shipped_units end,
        coalesce(b.has_returns and n.return_units >= 5 and n.shipped_units > 0 and n.return_units > 0.1 * n.shipped_units, false)
    from near as n
    left join far as f using (asin, business_date)
    cross join lateral (select (n.amounts || f.amounts)[1:8] as amounts) as u
    cross join lateral (select mart.has_all_days(n.business_date, 28, in_sales_days) as has_returns) as b
    left join lateral (select mart.median(u.amounts) as median_amount offset 0) as m on cardinality(u.amounts) >= 5
    left join lateral (
        select 1.4826 * mart.median((select array_agg(abs(v.amount - m.median_amount)) from unnest(u.amounts) as v (amount))) as noise_amount
        offset 0
    ) as o on m.median_amount is not null;
end $$;
drop function if exists mart.sales_weeks(text, date, date);
