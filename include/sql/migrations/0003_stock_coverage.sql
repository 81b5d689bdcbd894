-- The first mart, its candidate, and the function that publishes any mart's candidate.

create table mart.stock_coverage_daily (
    account_id text not null,
    business_date date not null,
    asin text not null,
    currency_code text not null,
    demand_units_per_day numeric,
    demand_basis_code text not null check (demand_basis_code in ('trailing', 'last_in_stock', 'forecast', 'none')),
    demand_day_count integer not null,
    trend_ratio numeric,
    expected_units_per_day numeric,
    units_30d bigint,
    units_previous_30d bigint,
    units_same_30d_last_year bigint,
    on_hand_30d_ago_units integer,
    stock_to_month_ratio numeric,
    sellable_on_hand_units integer,
    stock_source_code text check (stock_source_code in ('vendor_report', 'real_time', 'stale_report')),
    stock_as_of_at timestamptz,
    incoming_units bigint,
    days_of_cover numeric,
    days_of_cover_forecast numeric,
    days_of_cover_with_incoming numeric,
    lead_time_days numeric not null,
    projected_stockout_date date,
    stock_status_code text not null check (
        stock_status_code in (
            'unknown', 'inactive', 'low_local_stock', 'unconfirmed', 'out_of_stock', 'dead_stock', 'critical', 'low', 'overstock', 'healthy'
        )
    ),
    supply_cause_code text check (
        supply_cause_code in (
            'unknown', 'po_unconfirmed', 'po_rejected', 'po_overdue', 'demand_surge', 'incoming_covers', 'no_po', 'none'
        )
    ),
    excess_units bigint,
    excess_cost_amount numeric,
    revenue_at_risk_amount numeric,
    average_selling_price_amount numeric,
    data_status_code text not null check (data_status_code in ('missing', 'provisional', 'published', 'settled')),
    built_at timestamptz not null,
    primary key (account_id, business_date, asin)
) partition by range (business_date);

create unlogged table candidate.stock_coverage_daily (
    build_id bigint not null,
    like mart.stock_coverage_daily,
    primary key (build_id, account_id, business_date, asin)
);
alter table candidate.stock_coverage_daily drop column built_at;

-- Publishes one gated build: its account and days in the mart become the candidate rows. Rows that do not differ are not touched,
-- so that building the same facts again changes nothing and built_at says since when a row has stood as it stands.
create function ops.publish_build(in_account_id text, in_build_id bigint)
returns table (inserted_row_count integer, updated_row_count integer, removed_row_count integer) language plpgsql as $$
declare
    this ops.build;
    mart_table regclass;
    candidate_table regclass;
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
    perform ops.make_partitions(mart_table, this.from_date, this.to_date);
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
        'delete from %s as m where m.account_id = $1 and m.business_date between $2 and $3 '
        'and not exists (select 1 from %s as c where c.build_id = $4 and %s)', mart_table, candidate_table, same_key
    ) using in_account_id, this.from_date, this.to_date, in_build_id;
    get diagnostics removed_row_count = row_count;
    execute format(
        'select count(*) from %s as m inner join %s as c on %s and c.build_id = $4 '
        'where m.account_id = $1 and m.business_date between $2 and $3 and (%s) is distinct from (%s)', mart_table, candidate_table, same_key,
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

-- What follows reads one ASIN's history as parallel arrays: dates in ascending order and the figure of each of these dates.
-- width_bucket(day, dates) is the position of the newest date that is not after the day, 0 when all are later.

-- The figure of the newest date within in_days days to in_date (in_days 1: of in_date itself); null when there is none.
create function mart.newest_within(in_days integer, in_date date, in_dates date[], in_figures anyarray) returns anyelement
language sql immutable as $$
    select case
        when in_dates[width_bucket(in_date, in_dates)] > in_date - in_days then in_figures[width_bucket(in_date, in_dates)]
    end
$$;

-- The published sales days of an account in its primary view, ascending.
create function mart.published_sales_days(in_account_id text) returns date[] language sql stable as $$
    select array_agg(s.business_date order by s.business_date)
    from ops.account as a
    inner join ops.slice as s on s.account_id = a.account_id and s.variant_code = a.primary_distributor_view_code
    where a.account_id = in_account_id and s.dataset_code = 'sales_daily' and s.status_code = 'published'
$$;

-- How sure the sales of the 28 days to in_date are. missing: a day since the account's first published one and not after its newest is not
-- published, or none ever was. published: in_date is none of the days before the newest 15, Amazon may restate it. settled: it is older.
create function mart.sales_status_code(in_date date, in_days date[]) returns text language sql immutable as $$
    select case
        when in_days is null then 'missing'
        when width_bucket(s.to_date, in_days) - width_bucket(s.from_date - 1, in_days) < s.to_date - s.from_date + 1 then 'missing'
        when in_date > in_days[cardinality(in_days)] - 15 then 'published'
        else 'settled'
    end
    from (select greatest(in_date - 27, in_days[1]) as from_date, least(in_date, in_days[cardinality(in_days)]) as to_date) as s
$$;

-- The sum of from_date … to_date; null unless every one of these days is there and has its figure.
create function mart.units_of_days(from_date date, to_date date, in_dates date[], in_units integer[]) returns bigint
language sql immutable as $$
    select case when count(u.units) = to_date - from_date + 1 then sum(u.units) end
    from unnest(in_units[width_bucket(from_date - 1, in_dates) + 1 : width_bucket(to_date, in_dates)]) as u (units)
$$;

-- The days that demand is taken from: the newest 28 base days within 365 days to in_date; where they are fewer than 7, the newest 28
-- in-stock days instead.
create function mart.demand_days(
    in_date date, base_dates date[], base_units integer[], base_amounts numeric[],
    in_stock_dates date[], in_stock_units integer[], in_stock_amounts numeric[]
) returns table (business_date date, units integer, amount numeric) language sql immutable as $$
    select u.business_date, u.units, u.amount
    from (
        select coalesce(width_bucket(in_date, base_dates) - width_bucket(in_date - 365, base_dates) >= 7, false) as has_base_days
    ) as b
    cross join lateral (
        select
            case when b.has_base_days then base_dates else in_stock_dates end as dates,
            case when b.has_base_days then base_units else in_stock_units end as units,
            case when b.has_base_days then base_amounts else in_stock_amounts end as amounts
    ) as c
    cross join lateral (select width_bucket(in_date, c.dates) as newest) as n
    cross join lateral unnest(
        c.dates[n.newest - 27 : n.newest], c.units[n.newest - 27 : n.newest], c.amounts[n.newest - 27 : n.newest]
    ) as u (business_date, units, amount)
    where u.business_date > in_date - 365
$$;

-- What weekly means say of from_date … to_date, a week spread evenly over its seven days; null unless they name every day.
create function mart.forecast_units(from_date date, to_date date, in_week_starts date[], in_means numeric[]) returns numeric
language sql immutable as $$
    select case when sum(w.days) = to_date - from_date + 1 then sum(w.mean_units * w.days) / 7 end
    from (
        select u.mean_units, least(u.week_start_date + 6, to_date) - greatest(u.week_start_date, from_date) + 1 as days
        from unnest(in_week_starts, in_means) as u (week_start_date, mean_units)
        where u.week_start_date between from_date - 6 and to_date
    ) as w
$$;

-- Days from from_date on that in_units (at least 0) last when each day takes a seventh of its week's mean: whole days, and the part of the first day
-- that is not wholly covered. Null when they outlast the weeks that follow each other without a gap. Counted in sevenths to stay exact.
create function mart.forecast_cover_days(in_units numeric, from_date date, in_week_starts date[], in_means numeric[]) returns numeric
language sql immutable as $$
    select w.days_before + (w.sevenths_on_hand - w.sevenths_before) / w.mean_units
    from (
        select
            c.week_start_date, c.days, c.mean_units,
            case when in_units is not null then 7 * greatest(in_units, 0) end as sevenths_on_hand,
            coalesce(sum(c.days) over earlier, 0) as days_before,
            coalesce(sum(c.days * c.mean_units) over earlier, 0) as sevenths_before
        from (
            select u.week_start_date, u.mean_units, least(7, u.week_start_date + 7 - from_date) as days
            from unnest(in_week_starts, in_means) as u (week_start_date, mean_units)
            where u.week_start_date >= from_date - 6
        ) as c
        window earlier as (order by c.week_start_date rows between unbounded preceding and 1 preceding)
    ) as w
    where greatest(w.week_start_date, from_date) = from_date + w.days_before::integer
        and w.sevenths_before + w.days * w.mean_units > w.sevenths_on_hand
    order by w.week_start_date
    limit 1
$$;

-- The forecast generations of an account from from_date to to_date, ascending; steps from one to the next, a generation has many rows.
create function mart.forecast_generations(in_account_id text, from_date date, to_date date) returns date[] language sql stable as $$
    with recursive
    generation as (
        select max(f.generation_date) as generation_date
        from core.forecast_weekly as f
        where f.account_id = in_account_id and f.generation_date between from_date and to_date
        union all
        select (
            select max(f.generation_date) from core.forecast_weekly as f
            where f.account_id = in_account_id and f.generation_date >= from_date and f.generation_date < g.generation_date
        )
        from generation as g
        where g.generation_date is not null
    )
    select array_agg(g.generation_date order by g.generation_date) from generation as g where g.generation_date is not null
$$;

-- One row: what the newest of the account's forecast generations, at most 28 days old on in_date, says of an ASIN from the next day on.
-- forecast_per_day is that of the next day, forecast_units the sum of the next in_days days; null where the generation does not name them.
create function mart.newest_forecast(in_account_id text, in_asin text, in_date date, in_days integer, in_generations date[])
returns table (forecast_per_day numeric, forecast_units numeric, week_starts date[], means numeric[]) language sql stable as $$
    select
        mart.forecast_units(in_date + 1, in_date + 1, w.week_starts, w.means),
        mart.forecast_units(in_date + 1, in_date + in_days, w.week_starts, w.means),
        w.week_starts, w.means
    from (
        select
            array_agg(f.week_start_date order by f.week_start_date) as week_starts,
            array_agg(f.mean_units order by f.week_start_date) as means
        from core.forecast_weekly as f
        where f.account_id = in_account_id and f.asin = in_asin and f.week_start_date > in_date - 6 and f.mean_units is not null
            and f.generation_date = mart.newest_within(29, in_date, in_generations, in_generations)
    ) as w
$$;

-- One row: the newest real-time reading of the 48 hours before end_at, and the hours to end_at since the first of the unbroken readings of
-- 0 or less that end with it (null when it is above 0). All null without a reading; a reading without a figure is none.
create function mart.newest_reading(in_account_id text, in_asin text, end_at timestamptz)
returns table (read_units integer, read_at timestamptz, zero_hours numeric) language sql stable as $$
    select
        (array_agg(r.highly_available_units order by r.hour_start_at desc))[1],
        max(r.hour_start_at),
        extract(epoch from end_at - min(r.hour_start_at) filter (where r.hour_start_at > coalesce(r.last_above_zero_at, '-infinity'))) / 3600
    from (
        select
            h.hour_start_at, h.highly_available_units,
            max(h.hour_start_at) filter (where h.highly_available_units > 0) over () as last_above_zero_at
        from core.inventory_hourly as h
        where h.account_id = in_account_id and h.asin = in_asin and h.highly_available_units is not null
            and h.hour_start_at >= end_at - interval '48 hours' and h.hour_start_at < end_at
    ) as r
$$;

-- Whether Amazon itself had an offer in the newest offer snapshot of the 24 hours before end_at; null without a snapshot.
create function mart.amazon_offer(in_account_id text, in_asin text, end_at timestamptz) returns boolean language sql stable as $$
    select s.has_amazon_offer
    from core.offer_snapshot as s
    where s.account_id = in_account_id and s.asin = in_asin and s.observed_at >= end_at - interval '24 hours' and s.observed_at < end_at
    order by s.observed_at desc
    limit 1
$$;

-- One row: where the purchase orders of an ASIN stand at end_at, the end of in_date; lines ordered later do not exist yet.
-- incoming_units: accepted and not yet received, in lines neither closed nor cancelled whose window has not passed.
-- is_unconfirmed: such a line is not answered. is_rejected: less than 80 of 100 units accepted, over the answered lines of 30 days.
-- is_overdue: a line's window passed within 30 days, and less is known to have come than was accepted. is_ordered: a line was ordered within 21 days.
create function mart.purchase_orders(in_account_id text, in_asin text, in_date date, end_at timestamptz, in_time_zone text)
returns table (incoming_units bigint, is_unconfirmed boolean, is_rejected boolean, is_overdue boolean, is_ordered boolean)
language sql stable as $$
    select
        coalesce(sum(greatest(l.accepted_units - coalesce(l.received_units, 0), 0)) filter (where l.is_open and not l.is_past), 0),
        coalesce(bool_or(l.is_open and not l.is_past and not l.is_answered), false),
        coalesce(
            sum(l.accepted_units) filter (where l.is_answered and l.ordered_date > in_date - 30)
            < 0.8 * sum(l.ordered_units) filter (where l.is_answered and l.ordered_date > in_date - 30)
            and bool_and(l.ordered_units is not null) filter (where l.is_answered and l.ordered_date > in_date - 30),
            false
        ),
        coalesce(
            bool_or(l.is_open and l.is_past and l.window_end_date > in_date - 30 and l.received_units < l.accepted_units), false
        ),
        coalesce(bool_or(l.ordered_date > in_date - 21), false)
    from (
        select
            p.ordered_units, p.accepted_units, p.received_units, p.window_end_date,
            p.status_code = 'open' as is_open,
            coalesce(p.window_end_date < in_date, false) as is_past,
            p.accepted_units is not null and coalesce(p.confirmation_code <> 'unconfirmed', true) as is_answered,
            (p.ordered_at at time zone in_time_zone)::date as ordered_date
        from core.purchase_order_line as p
        where p.account_id = in_account_id and p.asin = in_asin and p.ordered_at < end_at
    ) as l
$$;

-- Every ASIN that can stand in the catalogue of a day of from_date … to_date, with the history that these days look back on.
-- seen_dates: the days to whose catalogue it belongs. Primary view; units and revenue as the account counts them.
-- on_hand_…, cost_…, open_…, unfilled_…, lead_…: the inventory reports that have the figure (cost: with units above 0 and their cost).
-- selling_…: the published sales days since its first appearance, 0 when it is absent; sold_dates those with units above 0 or unknown,
-- in_stock_… those with known units and not sold out, base_… those of them without an event or a promotion of the ASIN.
create function mart.asin_history(in_account_id text, from_date date, to_date date)
returns table (
    asin text, seen_dates datemultirange, valid_from_dates date[], lifecycle_codes text[],
    on_hand_dates date[], on_hand_units integer[], cost_dates date[], cost_amounts numeric[], cost_units integer[],
    open_dates date[], open_units integer[], unfilled_dates date[], unfilled_units integer[], lead_dates date[], lead_days numeric[],
    selling_dates date[], selling_units integer[], sold_dates date[],
    in_stock_dates date[], in_stock_units integer[], in_stock_amounts numeric[], base_dates date[], base_units integer[], base_amounts numeric[]
) language sql stable rows 1000 as $$
    with
    account as (select a.* from ops.account as a where a.account_id = in_account_id),

    -- One published sales day.
    published_day as materialized (
        select
            s.business_date,
            exists (
                select 1 from ops.event_calendar as e
                where e.marketplace_code = a.marketplace_code and s.business_date between e.start_date and e.end_date
            ) as is_event
        from account as a
        inner join ops.slice as s
            on s.account_id = a.account_id and s.dataset_code = 'sales_daily' and s.variant_code = a.primary_distributor_view_code
        where s.status_code = 'published' and s.business_date between from_date - 400 and to_date
    ),

    -- One ASIN in one calendar year of reports and forecasts. Rows of a year lie within 365 days: no day between them lacks one.
    seen_year as (
        select r.asin, daterange(min(r.seen_date), max(r.seen_date) + 365) as seen_dates
        from (
            select f.asin, f.business_date as seen_date
            from account as a
            inner join core.sales_daily as f on f.account_id = a.account_id and f.distributor_view_code = a.primary_distributor_view_code
            where f.business_date between from_date - 364 and to_date
            union all
            select f.asin, f.business_date
            from account as a
            inner join core.inventory_daily as f on f.account_id = a.account_id and f.distributor_view_code = a.primary_distributor_view_code
            where f.business_date between from_date - 364 and to_date
            union all
            select f.asin, f.business_date
            from core.traffic_daily as f
            where f.account_id = in_account_id and f.business_date between from_date - 364 and to_date
            union all
            select f.asin, f.generation_date
            from core.forecast_weekly as f
            where f.account_id = in_account_id and f.generation_date between from_date - 364 and to_date
        ) as r
        group by r.asin, extract(year from r.seen_date)
    ),

    asin_seen as (select y.asin, range_agg(y.seen_dates) as report_dates from seen_year as y group by y.asin),

    -- One ASIN with rows of what the client says. A row that was only prefilled (1970) says nothing of the days before the first report.
    asin_product as (
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

    asin_sales as (
        select
            f.asin,
            array_agg(f.business_date order by f.business_date) as sales_dates,
            array_agg(case a.primary_distributor_view_code when 'SOURCING' then f.shipped_units else f.ordered_units end
                order by f.business_date) as sales_units,
            array_agg(case a.primary_distributor_view_code when 'SOURCING' then f.shipped_revenue_amount else f.ordered_revenue_amount end
                order by f.business_date) as sales_amounts
        from account as a
        inner join core.sales_daily as f on f.account_id = a.account_id and f.distributor_view_code = a.primary_distributor_view_code
        where f.business_date between from_date - 400 and to_date
        group by f.asin
    ),

    asin_stock as (
        select
            f.asin,
            array_agg(f.business_date order by f.business_date) filter (where f.sellable_on_hand_units is not null) as on_hand_dates,
            array_agg(f.sellable_on_hand_units order by f.business_date) filter (where f.sellable_on_hand_units is not null) as on_hand_units,
            array_agg(f.business_date order by f.business_date) filter (where k.has_open) as open_dates,
            array_agg(f.open_purchase_order_units order by f.business_date) filter (where k.has_open) as open_units,
            array_agg(f.business_date order by f.business_date) filter (where k.has_unfilled) as unfilled_dates,
            array_agg(f.unfilled_customer_ordered_units order by f.business_date) filter (where k.has_unfilled) as unfilled_units,
            array_agg(f.business_date order by f.business_date) filter (where k.has_lead) as lead_dates,
            array_agg(f.average_vendor_lead_time_days order by f.business_date) filter (where k.has_lead) as lead_days
        from account as a
        inner join core.inventory_daily as f on f.account_id = a.account_id and f.distributor_view_code = a.primary_distributor_view_code
        cross join lateral (
            select
                f.business_date > from_date - 14 and f.open_purchase_order_units is not null as has_open,
                f.business_date > from_date - 14 and f.unfilled_customer_ordered_units is not null as has_unfilled,
                f.business_date > from_date - 90 and f.average_vendor_lead_time_days is not null as has_lead
        ) as k
        where f.business_date between from_date - 400 and to_date
        group by f.asin
    ),

    -- Cost comes from SOURCING where the account has any such row, on whatever day.
    cost_view as (
        select case
            when exists (select 1 from core.inventory_daily as f where f.account_id = a.account_id and f.distributor_view_code = 'SOURCING')
                then 'SOURCING'
            else a.primary_distributor_view_code
        end as distributor_view_code
        from account as a
    ),

    asin_cost as (
        select
            f.asin,
            array_agg(f.business_date order by f.business_date) as cost_dates,
            array_agg(f.sellable_on_hand_cost_amount order by f.business_date) as cost_amounts,
            array_agg(f.sellable_on_hand_units order by f.business_date) as cost_units
        from core.inventory_daily as f
        inner join cost_view as v using (distributor_view_code)
        where f.account_id = in_account_id and f.business_date between from_date - 13 and to_date
            and f.sellable_on_hand_units > 0 and f.sellable_on_hand_cost_amount is not null
        group by f.asin
    ),

    known_asin as materialized (
        select *, coalesce(report_dates, '{}') + coalesce(product_dates, '{}') as seen_dates
        from asin_seen full join asin_product using (asin) full join asin_sales using (asin) full join asin_stock using (asin)
        left join asin_cost using (asin)
    ),

    -- Publishing keeps the first appearance in core.product; only for ASINs that have none there all reports are looked through.
    undated_asin as materialized (select k.asin from known_asin as k where k.first_seen_date is null),

    first_report as (
        select f.asin, min(f.business_date) as first_report_date
        from (
            select s.asin, s.business_date from core.sales_daily as s where s.account_id = in_account_id
            union all
            select i.asin, i.business_date from core.inventory_daily as i where i.account_id = in_account_id
            union all
            select t.asin, t.business_date from core.traffic_daily as t where t.account_id = in_account_id
        ) as f
        where exists (select 1 from undated_asin) and f.asin in (select u.asin from undated_asin as u)
        group by f.asin
    ),

    -- One ASIN with the days of its promotions, a day that one touches included.
    asin_promotion as (
        select p.asin, range_agg(daterange(
            (p.start_at at time zone a.time_zone)::date, ((p.end_at - interval '1 microsecond') at time zone a.time_zone)::date, '[]'
        )) as promotion_dates
        from account as a
        inner join core.promotion as p on p.account_id = a.account_id
        where p.end_at is null or p.end_at > p.start_at
        group by p.asin
    )

    select
        asin, k.seen_dates, k.valid_from_dates, k.lifecycle_codes,
        k.on_hand_dates, k.on_hand_units, k.cost_dates, k.cost_amounts, k.cost_units,
        k.open_dates, k.open_units, k.unfilled_dates, k.unfilled_units, k.lead_dates, k.lead_days,
        h.*
    from known_asin as k
    full join first_report as r using (asin)
    full join asin_promotion as o using (asin)
    cross join lateral (
        with
        selling_day as materialized (
            select
                d.business_date, f.units, f.amount,
                f.units > 0
                or (f.units <= 0 and coalesce(mart.newest_within(1, d.business_date, k.on_hand_dates, k.on_hand_units) > 0, true)) as is_in_stock,
                not d.is_event and not coalesce(d.business_date <@ o.promotion_dates, false) as is_usual
            from published_day as d
            cross join lateral (
                select
                    case when k.sales_dates[n] = d.business_date then k.sales_units[n] else 0 end as units,
                    case when k.sales_dates[n] = d.business_date then k.sales_amounts[n] else 0 end as amount
                from width_bucket(d.business_date, k.sales_dates) as n
            ) as f
            where d.business_date >= coalesce(k.first_seen_date, r.first_report_date)
            order by d.business_date
        )
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
        from selling_day as s
    ) as h
    where k.seen_dates && daterange(from_date, to_date, '[]')
$$;

-- The marts ask these tables for one ASIN at a time.
create index forecast_weekly_asin on core.forecast_weekly (account_id, asin, generation_date);
create index inventory_hourly_asin on core.inventory_hourly (account_id, asin, hour_start_at);
create index offer_snapshot_asin on core.offer_snapshot (account_id, asin, observed_at);
create index purchase_order_line_asin on core.purchase_order_line (account_id, asin, ordered_at);
