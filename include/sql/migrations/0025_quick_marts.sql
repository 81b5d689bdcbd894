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

-- What the products sold in each of the weeks that end on in_end_dates, of in_asins or of all: nothing without a row, null where a row does not
-- say it.
create or replace function mart.sales_of_weeks(in_account_id text, in_end_dates date[], in_asins text[])
returns table (asin text, end_date date, revenue numeric, return_units bigint, shipped_units bigint) language plpgsql stable rows 100000
set enable_sort to off as $$
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

-- What the days of a product hold, up to so many days back from a day: tally_7 those of the day and the six before it. tally_yoy: the 28 days that
-- end 364 days before it. No row of a report on a day is a day without sales or views; primary view; units and revenue as the account counts
-- them. Products with a row of sales or views in one of these days, for each of in_days; in_yoy_days, some of them, are those that need tally_yoy.
create or replace function mart.sales_tallies(in_account_id text, in_days date[], in_yoy_days date[])
returns table (
    asin text, business_date date, tally_7 mart.sales_tally, tally_14 mart.sales_tally, tally_28 mart.sales_tally, tally_30 mart.sales_tally,
    tally_35 mart.sales_tally, tally_60 mart.sales_tally, tally_63 mart.sales_tally, tally_yoy mart.sales_tally
) language plpgsql stable rows 20000 set enable_sort to off as $$
#variable_conflict use_column
declare
    account ops.account := (select a from ops.account as a where a.account_id = in_account_id);
    view_code text := (account).primary_distributor_view_code;
    near_from date := (select min(d) - 62 from unnest(in_days) as d);
    near_to date := (select max(d) from unnest(in_days) as d);
    far_from date := (select min(d) - 391 from unnest(in_yoy_days) as d);
    far_to date := (select max(d) - 364 from unnest(in_yoy_days) as d);
    reach_dates date[];
    reach_days date[];
    reach_places integer[];
begin
    -- For which days a row counts, and in which stretch back from each.
    select array_agg(d.day - a.age), array_agg(d.day), array_agg(s.place) into reach_dates, reach_days, reach_places
    from (
        values (1, 0, 6), (2, 7, 13), (3, 14, 27), (4, 28, 29), (5, 30, 34), (6, 35, 59), (7, 60, 62), (8, 364, 391)
    ) as s (place, from_age, to_age)
    cross join lateral generate_series(s.from_age, s.to_age) as a (age)
    cross join unnest(in_days) as d (day)
    where s.place < 8 or d.day = any(in_yoy_days);
    return query
    with
    -- The days of each stretch: one row per day that is asked for and place in the order of tallies.
    stretch as materialized (
        select r.day, r.place, min(r.business_date) as from_date, max(r.business_date) as to_date
        from unnest(reach_dates, reach_days, reach_places) as r (business_date, day, place)
        group by r.day, r.place
    ),

    -- Taken from arrays, whose length the planner sees: it must not take days for the larger side of a join.
    reach as not materialized (
        select r.business_date, r.day, r.place from unnest(reach_dates, reach_days, reach_places) as r (business_date, day, place)
    ),

    sold as materialized (
        select
            f.asin, f.business_date, case view_code when 'SOURCING' then f.shipped_units else f.ordered_units end as units,
            case view_code when 'SOURCING' then f.shipped_revenue_amount else f.ordered_revenue_amount end as revenue
        from core.sales_daily as f
        where f.account_id = in_account_id and f.distributor_view_code = view_code
            and (f.business_date between near_from and near_to or f.business_date between far_from and far_to)
    ),

    -- Each report summed up by itself, so that a row is touched once; what a product's stretch lacks in all of them has no row.
    summed as materialized (
        select
            t.asin, t.day, t.place, sum(t.units) as units, sum(t.unknown_units) as unknown_units, sum(t.revenue) as revenue,
            sum(t.unknown_revenues) as unknown_revenues, sum(t.views) as views, sum(t.unknown_views) as unknown_views,
            sum(t.ratio_days) as ratio_days, sum(t.lost_days) as lost_days, sum(t.featured_views) as featured_views,
            sum(t.total_views) as total_views
        from (
            select
                s.asin, r.day, r.place, sum(s.units) as units, count(*) - count(s.units) as unknown_units, sum(s.revenue) as revenue,
                count(*) - count(s.revenue) as unknown_revenues, null::bigint as views, null::bigint as unknown_views, null::bigint as ratio_days,
                null::bigint as lost_days, null::bigint as featured_views, null::numeric as total_views
            from sold as s
            inner join reach as r on s.business_date = r.business_date
            group by s.asin, r.day, r.place
            union all
            select
                f.asin, r.day, r.place, null, null, null, null, sum(f.glance_views), count(*) - count(f.glance_views), null, null, null, null
            from core.traffic_daily as f
            inner join reach as r on f.business_date = r.business_date
            where f.account_id = in_account_id
                and (f.business_date between near_from and near_to or f.business_date between far_from and far_to)
            group by f.asin, r.day, r.place
            union all
            -- A row says which share of the views was lost when it also says how many were not: 0 where all were lost and the figure was left out.
            select
                f.asin, r.day, r.place, null, null, null, null, null, null, count(*),
                count(*) filter (where f.lost_featured_offer_ratio >= 1), sum(f.glance_views),
                sum(f.glance_views / (1 - f.lost_featured_offer_ratio)) filter (where f.lost_featured_offer_ratio < 1)
            from core.featured_offer_loss_daily as f
            inner join reach as r on f.business_date = r.business_date
            where f.account_id = in_account_id and view_code <> 'SOURCING' and f.lost_featured_offer_ratio is not null
                and (f.lost_featured_offer_ratio >= 1 or f.glance_views is not null)
                and (f.business_date between near_from and near_to or f.business_date between far_from and far_to)
            group by f.asin, r.day, r.place
        ) as t
        group by t.asin, t.day, t.place
    ),

    active as materialized (
        select a.asin, f.first_date, p.promotion_dates
        from (select distinct s.asin from summed as s) as a
        left join mart.first_appearances(in_account_id, array(select distinct s.asin from summed as s)) as f on a.asin = f.asin
        left join mart.promotion_days(in_account_id, (account).time_zone) as p on a.asin = p.asin
    ),

    -- Days with nothing on hand on which nothing was sold: not in stock.
    empty_day as (
        select f.asin, r.day, r.place, count(*) as days
        from core.inventory_daily as f
        inner join reach as r on f.business_date = r.business_date
        inner join active as a on f.asin = a.asin and f.business_date >= a.first_date
        left join sold as s on f.asin = s.asin and f.business_date = s.business_date
        where f.account_id = in_account_id and f.distributor_view_code = view_code and f.sellable_on_hand_units <= 0
            and (f.business_date between near_from and near_to or f.business_date between far_from and far_to)
            and (s.asin is null or coalesce(s.units, 1) <= 0)
        group by f.asin, r.day, r.place
    ),

    promotion_day as (
        select a.asin, s.day, s.place, sum(upper(o.days) - lower(o.days)) as days
        from active as a
        cross join lateral unnest(a.promotion_dates) as d (days)
        inner join stretch as s on d.days && daterange(s.from_date, s.to_date, '[]')
        cross join lateral (select d.days * daterange(s.from_date, s.to_date, '[]') as days) as o
        group by a.asin, s.day, s.place
    ),

    event_day as (
        select r.day, r.place, count(*) as days
        from reach as r
        where exists (
            select 1 from ops.event_calendar as e
            where e.marketplace_code = (account).marketplace_code and r.business_date between e.start_date and e.end_date
        )
        group by r.day, r.place
    ),

    -- One product and stretch with all figures, added up from the day back; the stretch of the year before stands by itself.
    tallied as (
        select
            a.asin, s.day, s.place,
            row(
                sum(coalesce(t.units, 0)) over up_to, sum(coalesce(t.unknown_units, 0)) over up_to, sum(coalesce(t.revenue, 0)) over up_to,
                sum(coalesce(t.unknown_revenues, 0)) over up_to, sum(coalesce(t.views, 0)) over up_to, sum(coalesce(t.unknown_views, 0)) over up_to,
                sum(coalesce(t.ratio_days, 0)) over up_to, sum(coalesce(t.lost_days, 0)) over up_to, sum(coalesce(t.featured_views, 0)) over up_to,
                sum(coalesce(t.total_views, 0)) over up_to,
                sum(case when a.first_date is null then 0 else greatest(s.to_date - greatest(s.from_date, a.first_date) + 1, 0) - coalesce(n.days, 0) end)
                    over up_to,
                sum(coalesce(p.days, 0)) over up_to, sum(coalesce(e.days, 0)) over up_to
            )::mart.sales_tally as tally
        from active as a
        cross join stretch as s
        left join summed as t on a.asin = t.asin and s.day = t.day and s.place = t.place
        left join empty_day as n on a.asin = n.asin and s.day = n.day and s.place = n.place
        left join promotion_day as p on a.asin = p.asin and s.day = p.day and s.place = p.place
        left join event_day as e on s.day = e.day and s.place = e.place
        window up_to as (partition by a.asin, s.day, s.place = 8 order by s.place)
    )

    select
        t.asin, t.day, (array_agg(t.tally) filter (where t.place = 1))[1], (array_agg(t.tally) filter (where t.place = 2))[1],
        (array_agg(t.tally) filter (where t.place = 3))[1], (array_agg(t.tally) filter (where t.place = 4))[1],
        (array_agg(t.tally) filter (where t.place = 5))[1], (array_agg(t.tally) filter (where t.place = 6))[1],
        (array_agg(t.tally) filter (where t.place = 7))[1], (array_agg(t.tally) filter (where t.place = 8))[1]
    from tallied as t
    group by t.asin, t.day;
end $$;

-- Whether an account has SOURCING stock at all, on whatever day, is asked without reading its history.
create index if not exists inventory_daily_sourcing on core.inventory_daily (account_id) where distributor_view_code = 'SOURCING';

-- Every ASIN with days of from_date … to_date to whose catalogue it belongs, and what the client says of it. first_seen_date: its first row in
-- sales, inventory or traffic, of whatever view. Publishing keeps a product row for each ASIN of these, so that a year of reports is read only for
-- ASINs whose product row begins later, and for those that only a forecast names.
create or replace function mart.catalogue_asins(in_account_id text, from_date date, to_date date)
returns table (asin text, first_seen_date date, seen_dates datemultirange, valid_from_dates date[], lifecycle_codes text[])
language plpgsql stable rows 20000 set enable_sort to off as $$
#variable_conflict use_column
declare
    view_code text := (select a.primary_distributor_view_code from ops.account as a where a.account_id = in_account_id);
    late_asins text[];
begin
    -- Those of which no product row holds on one of the days from their first report on.
    late_asins := array(
        with recursive
        forecast_asin as (
            (
                select f.asin from core.forecast_weekly as f
                where f.account_id = in_account_id and f.generation_date between from_date - 364 and to_date order by f.asin limit 1
            )
            union all
            select (
                select n.asin from core.forecast_weekly as n
                where n.account_id = in_account_id and n.generation_date between from_date - 364 and to_date and n.asin > f.asin
                order by n.asin limit 1
            )
            from forecast_asin as f
            where f.asin is not null
        )

        select p.asin
        from core.product as p
        where p.account_id = in_account_id
        group by p.asin
        having min(case when p.valid_from_date = '1970-01-01' then greatest(p.valid_from_date, p.first_seen_date) else p.valid_from_date end) > from_date
        union all
        select f.asin
        from forecast_asin as f
        where f.asin is not null
            and not exists (select from core.product as p where p.account_id = in_account_id and p.asin = f.asin)
    );
    return query
    with
    -- One ASIN in one calendar year of reports and forecasts. Rows of a year lie within 365 days: no day between them lacks one.
    seen_year as (
        select r.asin, daterange(min(r.seen_date), max(r.seen_date) + 365) as seen_dates
        from (
            select f.asin, f.business_date as seen_date
            from core.sales_daily as f
            where f.account_id = in_account_id and f.business_date between from_date - 364 and to_date and f.distributor_view_code = view_code
                and f.asin = any(late_asins)
            union all
            select f.asin, f.business_date
            from core.inventory_daily as f
            where f.account_id = in_account_id and f.business_date between from_date - 364 and to_date and f.distributor_view_code = view_code
                and f.asin = any(late_asins)
            union all
            select f.asin, f.business_date
            from core.traffic_daily as f
            where f.account_id = in_account_id and f.business_date between from_date - 364 and to_date and f.asin = any(late_asins)
            union all
            select f.asin, f.generation_date
            from core.forecast_weekly as f
            where f.account_id = in_account_id and f.generation_date between from_date - 364 and to_date and f.asin = any(late_asins)
        ) as r
        where cardinality(late_asins) > 0
        group by r.asin, extract(year from r.seen_date)
    ),

    late_asin as (select y.asin, range_agg(y.seen_dates) as report_dates from seen_year as y group by y.asin),

    -- A row that was only prefilled (1970) says nothing of the days before the first report.
    listed_asin as (
        select
            p.asin,
            min(p.first_seen_date) as first_seen_date,
            range_agg(daterange(
                case when p.valid_from_date = '1970-01-01' then greatest(p.valid_from_date, p.first_seen_date) else p.valid_from_date end, null
            )) as product_dates,
            array_agg(p.valid_from_date order by p.valid_from_date) as valid_from_dates,
            array_agg(p.lifecycle_code order by p.valid_from_date) as lifecycle_codes
        from core.product as p
        where p.account_id = in_account_id
        group by p.asin
    ),

    -- Only for ASINs without a first appearance in core.product all reports are looked through.
    undated as materialized (
        select array(
            select k.asin from listed_asin as k where k.first_seen_date is null
            union
            select l.asin from late_asin as l where not exists (select from listed_asin as k where k.asin = l.asin and k.first_seen_date is not null)
        ) as asins
    ),

    first_report as (
        select f.asin, min(f.business_date) as first_report_date
        from undated as u
        cross join lateral (
            select s.asin, s.business_date from core.sales_daily as s where s.account_id = in_account_id and s.asin = any(u.asins)
            union all
            select i.asin, i.business_date from core.inventory_daily as i where i.account_id = in_account_id and i.asin = any(u.asins)
            union all
            select t.asin, t.business_date from core.traffic_daily as t where t.account_id = in_account_id and t.asin = any(u.asins)
        ) as f
        where cardinality(u.asins) > 0
        group by f.asin
    )

    select a.asin, coalesce(k.first_seen_date, r.first_report_date), s.seen_dates, k.valid_from_dates, k.lifecycle_codes
    from (select l.asin from listed_asin as l union select l.asin from late_asin as l) as a
    left join listed_asin as k on a.asin = k.asin
    left join late_asin as l on a.asin = l.asin
    left join first_report as r on a.asin = r.asin
    cross join lateral (select coalesce(k.product_dates, '{}') + coalesce(l.report_dates, '{}') as seen_dates) as s
    where s.seen_dates && daterange(from_date, to_date, '[]');
end $$;

-- The published sales days of these ASINs since their first appearance, as arrays in ascending order: those of in_days to from_date and from there
-- to to_date, and those of the same 30 days a year before. selling_…: units, 0 when it is absent; sold_dates those with units above 0 or unknown,
-- in_stock_… those with known units and not sold out, base_… those of them without an event or a promotion of the ASIN.
create or replace function mart.selling_history(
    in_account_id text, from_date date, to_date date, in_days integer, in_asins text[], in_first_dates date[]
) returns table (
    asin text, selling_dates date[], selling_units integer[], sold_dates date[],
    in_stock_dates date[], in_stock_units integer[], in_stock_amounts numeric[], base_dates date[], base_units integer[], base_amounts numeric[]
) language plpgsql stable rows 20000 as $$
#variable_conflict use_column
declare
    account ops.account := (select a from ops.account as a where a.account_id = in_account_id);
    view_code text := (account).primary_distributor_view_code;
    near_from date := from_date - in_days + 1;
begin
    return query
    with
    -- One published sales day.
    published_day as materialized (
        select
            s.business_date,
            exists (
                select 1 from ops.event_calendar as e
                where e.marketplace_code = (account).marketplace_code and s.business_date between e.start_date and e.end_date
            ) as is_event
        from ops.slice as s
        where s.account_id = in_account_id and s.dataset_code = 'sales_daily' and s.variant_code = view_code and s.status_code = 'published'
            and (s.business_date between near_from and to_date or s.business_date between from_date - 393 and to_date - 364)
        order by s.business_date
    ),

    asin_sales as (
        select
            f.asin,
            array_agg(f.business_date order by f.business_date) as sales_dates,
            array_agg(case view_code when 'SOURCING' then f.shipped_units else f.ordered_units end order by f.business_date) as sales_units,
            array_agg(case view_code when 'SOURCING' then f.shipped_revenue_amount else f.ordered_revenue_amount end order by f.business_date)
                as sales_amounts
        from core.sales_daily as f
        where f.account_id = in_account_id and f.distributor_view_code = view_code
            and (f.business_date between near_from and to_date or f.business_date between from_date - 393 and to_date - 364)
            and (in_days = 60 or f.asin = any(in_asins))
        group by f.asin
    ),

    -- The days with nothing on hand.
    asin_empty as (
        select f.asin, array_agg(f.business_date) as empty_dates
        from core.inventory_daily as f
        where f.account_id = in_account_id and f.distributor_view_code = view_code and f.sellable_on_hand_units <= 0
            and f.business_date between near_from and to_date and (in_days = 60 or f.asin = any(in_asins))
        group by f.asin
    )

    select i.asin, h.*
    from unnest(in_asins, in_first_dates) as i (asin, first_date)
    left join asin_sales as k on i.asin = k.asin
    left join asin_empty as e on i.asin = e.asin
    left join mart.promotion_days(in_account_id, (account).time_zone) as o on i.asin = o.asin
    cross join lateral (
        select
            array_agg(s.business_date),
            array_agg(s.units),
            array_agg(s.business_date) filter (where s.units > 0 or s.units is null),
            array_agg(s.business_date) filter (where s.is_in_stock),
            array_agg(s.units) filter (where s.is_in_stock),
            array_agg(s.amount) filter (where s.is_in_stock),
            array_agg(s.business_date) filter (where s.is_in_stock and s.is_usual),
            array_agg(s.units) filter (where s.is_in_stock and s.is_usual),
            array_agg(s.amount) filter (where s.is_in_stock and s.is_usual)
        from (
            select
                d.business_date, f.units, f.amount,
                f.units > 0 or (f.units <= 0 and not coalesce(d.business_date = any(e.empty_dates), false)) as is_in_stock,
                not d.is_event and not coalesce(d.business_date <@ o.promotion_dates, false) as is_usual
            from published_day as d
            cross join lateral (select width_bucket(d.business_date, k.sales_dates) as place offset 0) as n
            cross join lateral (
                select
                    case when k.sales_dates[n.place] = d.business_date then k.sales_units[n.place] else 0 end as units,
                    case when k.sales_dates[n.place] = d.business_date then k.sales_amounts[n.place] else 0 end as amount
                offset 0
            ) as f
            where d.business_date >= i.first_date
            offset 0
        ) as s
    ) as h;
end $$;

-- What the inventory reports of the primary view say of each ASIN: on_hand_… of the days from_date - 13 … to_date and of those 30 days before the
-- build's; cost_… (units above 0 and their cost, from SOURCING where the account has any such row), open_… and unfilled_… of the first; lead_…
-- those, and of ASINs that have none by from_date those of the 90 days to it.
create or replace function mart.stock_history(in_account_id text, from_date date, to_date date)
returns table (
    asin text, on_hand_dates date[], on_hand_units integer[], cost_dates date[], cost_amounts numeric[], cost_units integer[],
    open_dates date[], open_units integer[], unfilled_dates date[], unfilled_units integer[], lead_dates date[], lead_days numeric[]
) language plpgsql stable rows 20000 as $$
#variable_conflict use_column
declare
    view_code text := (select a.primary_distributor_view_code from ops.account as a where a.account_id = in_account_id);
    cost_view_code text := case
        when exists (select 1 from core.inventory_daily as f where f.account_id = in_account_id and f.distributor_view_code = 'SOURCING')
            then 'SOURCING'
        else view_code
    end;
begin
    return query
    with
    stock as materialized (
        select
            f.asin,
            array_agg(f.business_date order by f.business_date) filter (where f.sellable_on_hand_units is not null) as on_hand_dates,
            array_agg(f.sellable_on_hand_units order by f.business_date) filter (where f.sellable_on_hand_units is not null) as on_hand_units,
            array_agg(f.business_date order by f.business_date) filter (where k.is_near and f.open_purchase_order_units is not null) as open_dates,
            array_agg(f.open_purchase_order_units order by f.business_date)
                filter (where k.is_near and f.open_purchase_order_units is not null) as open_units,
            array_agg(f.business_date order by f.business_date)
                filter (where k.is_near and f.unfilled_customer_ordered_units is not null) as unfilled_dates,
            array_agg(f.unfilled_customer_ordered_units order by f.business_date)
                filter (where k.is_near and f.unfilled_customer_ordered_units is not null) as unfilled_units,
            array_agg(f.business_date order by f.business_date)
                filter (where k.is_near and f.average_vendor_lead_time_days is not null) as lead_dates,
            array_agg(f.average_vendor_lead_time_days order by f.business_date)
                filter (where k.is_near and f.average_vendor_lead_time_days is not null) as lead_days
        from core.inventory_daily as f
        cross join lateral (select f.business_date > from_date - 14 as is_near) as k
        where f.account_id = in_account_id and f.distributor_view_code = view_code
            and (f.business_date between from_date - 13 and to_date or f.business_date between from_date - 30 and to_date - 30)
        group by f.asin
    ),

    cost as (
        select
            f.asin,
            array_agg(f.business_date order by f.business_date) as cost_dates,
            array_agg(f.sellable_on_hand_cost_amount order by f.business_date) as cost_amounts,
            array_agg(f.sellable_on_hand_units order by f.business_date) as cost_units
        from core.inventory_daily as f
        where f.account_id = in_account_id and f.distributor_view_code = cost_view_code and f.business_date between from_date - 13 and to_date
            and f.sellable_on_hand_units > 0 and f.sellable_on_hand_cost_amount is not null
        group by f.asin
    ),

    far_lead as (
        select
            f.asin, array_agg(f.business_date order by f.business_date) as lead_dates,
            array_agg(f.average_vendor_lead_time_days order by f.business_date) as lead_days
        from core.inventory_daily as f
        left join stock as s on f.asin = s.asin
        where f.account_id = in_account_id and f.distributor_view_code = view_code and f.business_date between from_date - 89 and from_date - 14
            and f.average_vendor_lead_time_days is not null and coalesce(s.lead_dates[1] > from_date, true)
            and (
                exists (select from stock as n where coalesce(n.lead_dates[1] > from_date, true))
                or exists (select from core.product as p where p.account_id = in_account_id and p.asin not in (select n.asin from stock as n))
            )
        group by f.asin
    )

    select
        asin, s.on_hand_dates, s.on_hand_units, c.cost_dates, c.cost_amounts, c.cost_units, s.open_dates, s.open_units, s.unfilled_dates,
        s.unfilled_units, case when f.asin is null then s.lead_dates else f.lead_dates || s.lead_dates end,
        case when f.asin is null then s.lead_days else f.lead_days || s.lead_days end
    from stock as s
    full join cost as c using (asin)
    full join far_lead as f using (asin);
end $$;

-- As before: every ASIN of the catalogue of a day of from_date … to_date, with the history that these days look back on. Sales are looked at for
-- 60 days, and for a year only of ASINs that these give fewer than 28 base days, or that sold nothing in them while stock may be gone.
create or replace function mart.asin_history(in_account_id text, from_date date, to_date date)
returns table (
    asin text, seen_dates datemultirange, valid_from_dates date[], lifecycle_codes text[],
    on_hand_dates date[], on_hand_units integer[], cost_dates date[], cost_amounts numeric[], cost_units integer[],
    open_dates date[], open_units integer[], unfilled_dates date[], unfilled_units integer[], lead_dates date[], lead_days numeric[],
    selling_dates date[], selling_units integer[], sold_dates date[],
    in_stock_dates date[], in_stock_units integer[], in_stock_amounts numeric[], base_dates date[], base_units integer[], base_amounts numeric[]
) language plpgsql stable rows 20000 as $$
#variable_conflict use_column
begin
    return query
    with
    catalogue as materialized (select c.* from mart.catalogue_asins(in_account_id, from_date, to_date) as c),
    stock as materialized (select s.* from mart.stock_history(in_account_id, from_date, to_date) as s),
    asked as materialized (
        select array_agg(c.asin order by c.asin) as asins, array_agg(c.first_seen_date order by c.asin) as first_dates from catalogue as c
    ),
    near as materialized (
        select h.* from asked as a cross join lateral mart.selling_history(in_account_id, from_date, to_date, 60, a.asins, a.first_dates) as h
    ),
    needy as materialized (
        select array_agg(n.asin order by n.asin) as asins, array_agg(c.first_seen_date order by n.asin) as first_dates
        from near as n
        inner join catalogue as c on n.asin = c.asin
        left join stock as s on n.asin = s.asin
        where c.first_seen_date < from_date - 59 and (
            coalesce(width_bucket(from_date, n.base_dates) - width_bucket(from_date - 60, n.base_dates) < 28, true)
            or (
                coalesce(width_bucket(from_date, n.sold_dates) = width_bucket(from_date - 60, n.sold_dates), true)
                and (
                    select count(*) from unnest(s.on_hand_dates, s.on_hand_units) as u (on_hand_date, units)
                    where u.on_hand_date between from_date and to_date and u.units > 0
                ) <= to_date - from_date
            )
        )
    ),
    selling as (
        select n.* from near as n where n.asin <> all(coalesce((select f.asins from needy as f), '{}'))
        union all
        select h.*
        from needy as f
        cross join lateral mart.selling_history(in_account_id, from_date, to_date, 401, f.asins, f.first_dates) as h
        where f.asins is not null
    )

    select
        c.asin, c.seen_dates, c.valid_from_dates, c.lifecycle_codes, s.on_hand_dates, s.on_hand_units, s.cost_dates, s.cost_amounts, s.cost_units,
        s.open_dates, s.open_units, s.unfilled_dates, s.unfilled_units, s.lead_dates, s.lead_days, h.selling_dates, h.selling_units, h.sold_dates,
        h.in_stock_dates, h.in_stock_units, h.in_stock_amounts, h.base_dates, h.base_units, h.base_amounts
    from catalogue as c
    left join stock as s on c.asin = s.asin
    left join selling as h on c.asin = h.asin;
end $$;

-- The last offer snapshot on each day from from_date to to_date of each product of that day's catalogue, as mart.stock_coverage_daily has it. A price
-- of 0 or less is none. funding: of the promotions that touch the day, 0 without one, null where that of one is unknown.
create or replace function mart.last_looks(in_account_id text, from_date date, to_date date)
returns table (
    business_date date, asin text, observed_at timestamptz, amazon_price numeric, our_price numeric, other_price numeric, funding numeric
) language plpgsql stable rows 20000 as $$
#variable_conflict use_column
declare
    in_time_zone text := (select a.time_zone from ops.account as a where a.account_id = in_account_id);
    begin_at timestamptz := from_date::timestamp at time zone in_time_zone;
    end_at timestamptz := (to_date + 1)::timestamp at time zone in_time_zone;
begin
    return query
    with
    look as materialized (
        select distinct on (d.business_date, o.asin)
            d.business_date, o.asin, o.observed_at,
            case when o.amazon_price_amount > 0 then o.amazon_price_amount end as amazon_price,
            case when o.our_price_amount > 0 then o.our_price_amount end as our_price,
            case when o.lowest_other_price_amount > 0 then o.lowest_other_price_amount end as other_price
        from core.offer_snapshot as o
        cross join lateral (select (o.observed_at at time zone in_time_zone)::date as business_date) as d
        where o.account_id = in_account_id and o.observed_at >= begin_at and o.observed_at < end_at
        order by d.business_date asc, o.asin asc, o.observed_at desc
    ),

    funded as (
        select
            p.asin, g::date as business_date,
            case when count(p.funding_per_unit_amount) = count(*) then sum(p.funding_per_unit_amount) end as funding
        from generate_series(from_date::timestamp, to_date, interval '1 day') as g
        inner join core.promotion as p
            on p.account_id = in_account_id and (p.end_at is null or p.end_at > p.start_at)
                and p.start_at < (g + interval '1 day') at time zone in_time_zone and coalesce(p.end_at > g at time zone in_time_zone, true)
        group by p.asin, g
    )

    select
        l.business_date, l.asin, l.observed_at, l.amazon_price, l.our_price, l.other_price, case when f.asin is null then 0 else f.funding end
    from look as l
    inner join mart.stock_coverage_daily as c
        on c.account_id = in_account_id and c.business_date between from_date and to_date and l.business_date = c.business_date and l.asin = c.asin
    left join funded as f on l.business_date = f.business_date and l.asin = f.asin;
end $$;

-- As before, reading only these products' sales: what a shipped unit of each sold for (without VAT) and cost Amazon on its usual days, and
-- Amazon's margin m on it: by product and day
-- of from_date … to_date. Usual days: the 28 newest published sales days within 365 to the day, without an event and without a promotion of it.
create or replace function mart.usual_margins(in_account_id text, from_date date, to_date date, in_asins text[])
returns table (asin text, business_date date, average_selling_price numeric, cost_price numeric, amazon_margin_ratio numeric)
language sql stable rows 10000 as $$
    with
    -- The account, with the usual days of a product that no promotion touches, and the first of them that from_date needs.
    account as materialized (
        select
            a.account_id, a.primary_distributor_view_code, u.usual_dates, mart.cogs_view_code(a.account_id) as cogs_view_code,
            u.usual_dates[greatest(width_bucket(from_date, u.usual_dates) - 27, 1)] as near_date
        from ops.account as a
        cross join lateral (
            select array_agg(s.business_date order by s.business_date) as usual_dates
            from unnest(mart.published_sales_days(a.account_id)) as s (business_date)
            where s.business_date between from_date - 364 and to_date and not exists (
                select 1 from ops.event_calendar as e
                where e.marketplace_code = a.marketplace_code and s.business_date between e.start_date and e.end_date
            )
        ) as u
        where a.account_id = in_account_id
    ),

    -- One product with its usual days.
    asin_usual as materialized (
        select
            i.asin, p.promotion_dates,
            case
                when p.promotion_dates is null then a.usual_dates
                else array(select u.d from unnest(a.usual_dates) as u (d) where not u.d <@ p.promotion_dates order by u.d)
            end as usual_dates
        from account as a
        cross join unnest(in_asins) as i (asin)
        left join mart.promotion_days(in_account_id, in_asins) as p using (asin)
    ),

    -- One product and day, with the first of its usual days.
    asin_date as materialized (
        select
            u.asin, g::date as business_date, u.promotion_dates,
            greatest(u.usual_dates[greatest(width_bucket(g::date, u.usual_dates) - 27, 1)], g::date - 364) as first_date
        from asin_usual as u
        cross join generate_series(from_date::timestamp, to_date, interval '1 day') as g
    ),

    -- One usual day before near_date that a product needs, because promotions left it too few since.
    far_day as materialized (
        select n.asin, d.business_date
        from account as a
        inner join asin_date as n on n.business_date = from_date and n.promotion_dates is not null and n.first_date < a.near_date
        inner join asin_usual as u on u.asin = n.asin
        cross join lateral unnest(u.usual_dates) as d (business_date)
        where d.business_date >= n.first_date and d.business_date < a.near_date
    ),

    -- One product and usual day of sales, in each view that is read. Only products with many promotions look back beyond near_date.
    asin_sales as (
        select f.asin, f.business_date, f.distributor_view_code, f.shipped_units, f.shipped_revenue_amount, f.shipped_cogs_amount, m.net_ppm_ratio
        from account as a
        inner join core.sales_daily as f
            on f.account_id = in_account_id and f.business_date between a.near_date and to_date and f.business_date = any(a.usual_dates)
                and f.distributor_view_code in (a.primary_distributor_view_code, a.cogs_view_code) and f.asin = any(in_asins)
        left join core.margin_daily as m
            on m.account_id = in_account_id and m.business_date = f.business_date and m.asin = f.asin
                and m.business_date between a.near_date and to_date
        union all
        select f.asin, f.business_date, f.distributor_view_code, f.shipped_units, f.shipped_revenue_amount, f.shipped_cogs_amount, m.net_ppm_ratio
        from far_day as d
        cross join account as a
        -- offset 0 keeps it one look at the key for each day; joined freely, the planner reads the whole history for each product.
        cross join lateral (
            select k.*
            from core.sales_daily as k
            where k.account_id = in_account_id and k.business_date = d.business_date and k.asin = d.asin
                and k.distributor_view_code in (a.primary_distributor_view_code, a.cogs_view_code)
            offset 0
        ) as f
        left join core.margin_daily as m on m.account_id = in_account_id and m.business_date = d.business_date and m.asin = d.asin
    )

    select
        d.asin, d.business_date,
        sum(k.revenue) / nullif(greatest(sum(f.shipped_units) filter (where k.revenue is not null), 0), 0),
        sum(k.cogs) / nullif(greatest(sum(f.shipped_units) filter (where k.cogs is not null), 0), 0),
        coalesce(
            sum(k.weight * f.net_ppm_ratio) / nullif(greatest(sum(k.weight), 0), 0),
            (
                select m.net_ppm_ratio
                from core.margin_daily as m
                where m.account_id = in_account_id and m.asin = d.asin and m.business_date between d.business_date - 29 and d.business_date
                    and m.net_ppm_ratio is not null
                order by m.business_date desc
                limit 1
            )
        )
    from account as a
    cross join asin_date as d
    left join asin_sales as f
        on f.asin = d.asin and f.business_date between d.first_date and d.business_date
            and (d.promotion_dates is null or not f.business_date <@ d.promotion_dates)
    cross join lateral (
        select
            case when f.distributor_view_code = a.primary_distributor_view_code and f.shipped_units is not null
                then f.shipped_revenue_amount end as revenue,
            case when f.distributor_view_code = a.cogs_view_code and f.shipped_units is not null then f.shipped_cogs_amount end as cogs,
            case when f.distributor_view_code = a.primary_distributor_view_code and f.net_ppm_ratio is not null
                then f.shipped_revenue_amount end as weight
    ) as k
    group by d.asin, d.business_date
$$;

-- As before: a text as it is read. What is plain ASCII with single blanks between its words, as most texts are, needs none of the replacements.
create or replace function mart.page_text(in_text text) returns text language sql immutable parallel safe as $$
    select case
        when octet_length(in_text) = length(in_text) and strpos(in_text, '  ') = 0 and in_text = translate(in_text, E'\t\n\v\f\r', '')
            then btrim(in_text)
        else btrim(regexp_replace(
            regexp_replace(normalize(in_text, nfc), '[\u0300-\u036f]', '', 'g'), '[[:space:]]+' collate "pg_c_utf8", ' ', 'g'
        ))
    end
$$;

-- One product of the catalogue of each day from from_date to to_date that is not discontinued. Its own revenue of a week, baseline, is the most that
-- any cause can cost in one.
create or replace function mart.products_of_days(in_account_id text, from_date date, to_date date)
returns table (business_date date, asin text, lifecycle_code text, parent_asin text, baseline numeric) language plpgsql stable rows 20000 as $$
#variable_conflict use_column
begin
    return query
    select
        c.business_date, c.asin, coalesce(p.lifecycle_code, 'active'), p.parent_asin,
        case when c.average_selling_price_amount is not null then 7 * c.expected_units_per_day * greatest(c.average_selling_price_amount, 0) end
    from mart.stock_coverage_daily as c
    left join lateral (
        select q.lifecycle_code, q.parent_asin
        from core.product as q
        where q.account_id = c.account_id and q.asin = c.asin and q.valid_from_date <= c.business_date
        order by q.valid_from_date desc
        limit 1
    ) as p on true
    where c.account_id = in_account_id and c.business_date between from_date and to_date
        and coalesce(p.lifecycle_code, 'active') <> 'discontinued';
end $$;

-- Every cause that holds on a day from in_from to in_to, of whatever kind.
create or replace function mart.found_causes(
    in_account_id text, in_from date, in_to date, in_time_zone text, in_carrying_cost_ratio numeric, in_content_low_score numeric
) returns table (
    business_date date, asin text, cause_code text, severity integer, lost_amount numeric, lost_ratio numeric, due_at timestamptz, bundle_code text,
    evidence jsonb, data_status_code text
) language plpgsql stable rows 20000 as $$
begin
    return query select f.* from mart.supply_causes(in_account_id, in_from, in_to, in_time_zone, in_carrying_cost_ratio) as f;
    return query select f.* from mart.buy_box_causes(in_account_id, in_from, in_to, in_time_zone) as f;
    return query select f.* from mart.price_causes(in_account_id, in_from, in_to) as f;
    return query select f.* from mart.page_causes(in_account_id, in_from, in_to, in_content_low_score) as f;
    return query select f.* from mart.sales_causes(in_account_id, in_from, in_to, in_time_zone) as f;
end $$;

-- As before: returned and shipped units of these ASINs on each day that knows both, from from_date to to_date.
create or replace function mart.known_returns(in_account_id text, in_asins text[], from_date date, to_date date)
returns table (asin text, business_date date, return_units integer, shipped_units integer) language plpgsql stable rows 100000 as $$
#variable_conflict use_column
begin
    if cardinality(in_asins) > 0 then
        return query
        select s.asin, s.business_date, s.customer_return_units, s.shipped_units
        from ops.account as a
        inner join core.sales_daily as s on a.primary_distributor_view_code = s.distributor_view_code
        where a.account_id = in_account_id and s.account_id = in_account_id and s.business_date between from_date and to_date
            and s.asin = any(in_asins) and s.customer_return_units is not null and s.shipped_units is not null;
    end if;
end $$;
