-- Why sales moved, and whether they moved more than they usually do.

create table mart.sales_driver_daily (
    account_id text not null,
    business_date date not null,
    asin text not null,
    comparison_code text not null check (comparison_code in ('wow', 'vs_4w', 'vs_8w', 'mom', 'yoy')),
    currency_code text not null,
    revenue_amount numeric,
    revenue_before_amount numeric,
    revenue_change_amount numeric,
    has_buy_box_factor boolean not null,
    is_total_views_estimated boolean not null,
    method_code text check (method_code in ('logarithmic_mean', 'shapley', 'new', 'gone')),
    traffic_amount numeric,
    buy_box_amount numeric,
    conversion_amount numeric,
    price_amount numeric,
    new_amount numeric,
    gone_amount numeric,
    sold_units bigint,
    sold_before_units numeric,
    view_count numeric,
    view_before_count numeric,
    total_view_count numeric,
    total_view_before_count numeric,
    in_stock_days integer not null,
    in_stock_before_days integer not null,
    promotion_days integer not null,
    promotion_before_days integer not null,
    event_days integer not null,
    event_before_days integer not null,
    data_status_code text not null check (data_status_code in ('published', 'settled')),
    built_at timestamptz not null,
    primary key (account_id, business_date, asin, comparison_code)
) partition by range (business_date);

create unlogged table candidate.sales_driver_daily (
    build_id bigint not null,
    like mart.sales_driver_daily,
    primary key (build_id, account_id, business_date, asin, comparison_code)
);
alter table candidate.sales_driver_daily drop column built_at;

create table mart.sales_signal_daily (
    account_id text not null,
    business_date date not null,
    asin text not null,
    currency_code text not null,
    revenue_amount numeric,
    window_count integer,
    median_revenue_amount numeric,
    account_change_ratio numeric,
    expected_revenue_amount numeric,
    scale_amount numeric,
    is_drop boolean,
    is_rise boolean,
    drop_opened_date date,
    driver_code text check (driver_code in ('traffic', 'buy_box', 'conversion', 'price', 'gone')),
    driver_amount numeric,
    is_early_drop boolean,
    real_time_units bigint,
    median_real_time_units numeric,
    is_attribution_lost boolean,
    has_high_returns boolean,
    return_28d_units bigint,
    return_28d_ratio numeric,
    return_180d_ratio numeric,
    data_status_code text not null check (data_status_code in ('provisional', 'published', 'settled')),
    built_at timestamptz not null,
    primary key (account_id, business_date, asin)
) partition by range (business_date);

-- Which rows speak of a real-time day: few, and looked for each time that a newer real-time day has come.
create index sales_signal_daily_early on mart.sales_signal_daily (account_id, business_date) where is_early_drop is not null;

create unlogged table candidate.sales_signal_daily (
    build_id bigint not null,
    like mart.sales_signal_daily,
    primary key (build_id, account_id, business_date, asin)
);
alter table candidate.sales_signal_daily drop column built_at;

-- Figures of one ASIN from the first day of a block of days to one of its days; the difference of two is what lies between.
create type mart.sales_tally as (
    units bigint, unknown_units integer, revenue numeric, unknown_revenues integer, views bigint, unknown_views integer,
    ratio_days integer, lost_days integer, featured_views bigint, total_views numeric,
    in_stock_days integer, promotion_days integer, event_days integer
);

-- The first day on which any report or the client's list names each of these ASINs. Publishing keeps it in core.product; only for ASINs that
-- have none there all reports are looked through.
create function mart.first_appearances(in_account_id text, in_asins text[]) returns table (asin text, first_date date) language sql stable as $$
    with
    dated_asin as materialized (
        select p.asin, min(p.first_seen_date) as first_date
        from core.product as p
        where p.account_id = in_account_id and p.first_seen_date is not null
        group by p.asin
    ),

    undated_asin as materialized (select u.asin from unnest(in_asins) as u (asin) except select d.asin from dated_asin as d)

    select d.asin, d.first_date from dated_asin as d where d.asin = any(in_asins)
    union all
    select f.asin, min(f.business_date)
    from (
        select s.asin, s.business_date from core.sales_daily as s where s.account_id = in_account_id
        union all
        select i.asin, i.business_date from core.inventory_daily as i where i.account_id = in_account_id
        union all
        select t.asin, t.business_date from core.traffic_daily as t where t.account_id = in_account_id
    ) as f
    where exists (select 1 from undated_asin) and f.asin in (select u.asin from undated_asin as u)
    group by f.asin
$$;

-- One ASIN with the days of its promotions, a day that one touches included.
create function mart.promotion_days(in_account_id text, in_time_zone text) returns table (asin text, promotion_dates datemultirange)
language sql stable as $$
    select p.asin, range_agg(daterange(
        (p.start_at at time zone in_time_zone)::date, ((p.end_at - interval '1 microsecond') at time zone in_time_zone)::date, '[]'
    ))
    from core.promotion as p
    where p.account_id = in_account_id and (p.end_at is null or p.end_at > p.start_at)
    group by p.asin
$$;

-- Whether in_days, ascending, hold each of the in_count days that end on in_date.
create function mart.has_all_days(in_date date, in_count integer, in_days date[]) returns boolean language sql immutable as $$
    select width_bucket(in_date, in_days) - width_bucket(in_date - in_count, in_days) = in_count
$$;

-- ln(after / before) of two positive figures. Of figures that lie close together a quotient would lose the digits that tell them apart.
create function mart.log_change(in_after numeric, in_before numeric) returns double precision language sql immutable as $$
    select case
        when abs(in_after - in_before) < (in_after + in_before) * 0.5
            then 2 * atanh(((in_after - in_before) / (in_after + in_before))::double precision)
        else ln((in_after / in_before)::double precision)
    end
$$;

-- What a factor that moves by own_change adds to a product of four, as the mean over all orders in which the factors can move
-- (Shapley 1953); 1 and 0 of the other three are their values after and before.
create function mart.shapley_value(
    own_change numeric, p1 numeric, p0 numeric, q1 numeric, q0 numeric, s1 numeric, s0 numeric
) returns numeric language sql immutable as $$
    select own_change * (
        3 * (p0 * q0 * s0 + p1 * q1 * s1) + p1 * q0 * s0 + p0 * q1 * s0 + p0 * q0 * s1 + p0 * q1 * s1 + p1 * q0 * s1 + p1 * q1 * s0
    ) / 12
$$;

-- One row: the change of revenue r0 to r1 (at most 5 decimals) taken apart into total views t, their featured share v / t, units u per featured
-- view and revenue per unit, which add up to it exactly. Where there is no share, t is v. All null when a figure is unknown.
-- Logarithmic mean: Vartia 1976, Ang 2004 (LMDI-I).
create function mart.sales_drivers(
    r1 numeric, r0 numeric, u1 numeric, u0 numeric, v1 numeric, v0 numeric, t1 numeric, t0 numeric
) returns table (
    method_code text, traffic_amount numeric, buy_box_amount numeric, conversion_amount numeric, price_amount numeric,
    new_amount numeric, gone_amount numeric
) language sql immutable rows 1 as $$
    select
        d.method_code,
        d.traffic + case when d.largest = abs(d.traffic) then d.rest else 0 end,
        d.buy_box + case when d.largest = abs(d.buy_box) and d.largest > abs(d.traffic) then d.rest else 0 end,
        d.conversion + case when d.largest = abs(d.conversion) and d.largest > greatest(abs(d.traffic), abs(d.buy_box)) then d.rest else 0 end,
        d.price + case when d.largest > greatest(abs(d.traffic), abs(d.buy_box), abs(d.conversion)) then d.rest else 0 end,
        case when d.method_code is not null then case when d.method_code = 'new' then r1 - r0 else 0 end end,
        case when d.method_code is not null then case when d.method_code = 'gone' then r1 - r0 else 0 end end
    from (
        select
            c.method_code, c.traffic, c.buy_box, c.conversion, c.price,
            greatest(abs(c.traffic), abs(c.buy_box), abs(c.conversion), abs(c.price)) as largest,
            case when c.method_code in ('new', 'gone') then 0 else r1 - r0 - c.traffic - c.buy_box - c.conversion - c.price end as rest
        from (
            select
                m.method_code,
                round(case m.method_code
                    when 'logarithmic_mean' then (m.mean_revenue * mart.log_change(t1, t0))::numeric
                    when 'shapley' then mart.shapley_value(t1 - t0, m.f1, m.f0, m.c1, m.c0, m.a1, m.a0)
                    when 'new' then 0 when 'gone' then 0
                end, 5) as traffic,
                round(case m.method_code
                    when 'logarithmic_mean' then (m.mean_revenue * mart.log_change(v1 * t0, v0 * t1))::numeric
                    when 'shapley' then mart.shapley_value(m.f1 - m.f0, t1, t0, m.c1, m.c0, m.a1, m.a0)
                    when 'new' then 0 when 'gone' then 0
                end, 5) as buy_box,
                round(case m.method_code
                    when 'logarithmic_mean' then (m.mean_revenue * mart.log_change(u1 * v0, u0 * v1))::numeric
                    when 'shapley' then mart.shapley_value(m.c1 - m.c0, t1, t0, m.f1, m.f0, m.a1, m.a0)
                        + case when v1 = 0 or v0 = 0 then m.left_over else 0 end
                    when 'new' then 0 when 'gone' then 0
                end, 5) as conversion,
                round(case m.method_code
                    when 'logarithmic_mean' then (m.mean_revenue * mart.log_change(r1 * u0, r0 * u1))::numeric
                    when 'shapley' then mart.shapley_value(m.a1 - m.a0, t1, t0, m.f1, m.f0, m.c1, m.c0)
                        + case when v1 = 0 or v0 = 0 then 0 else m.left_over end
                    when 'new' then 0 when 'gone' then 0
                end, 5) as price
            from (
                select
                    k.method_code, f.f1, f.f0, f.c1, f.c0, f.a1, f.a0,
                    case when k.method_code = 'logarithmic_mean' then
                        case when r1 = r0 then r1::double precision else (r1 - r0)::double precision / mart.log_change(r1, r0) end
                    end as mean_revenue,
                    case when k.method_code = 'shapley' then r1 - r0 - (t1 * f.f1 * f.c1 * f.a1 - t0 * f.f0 * f.c0 * f.a0) end as left_over
                from (
                    select case
                        when r1 is null or r0 is null or u1 is null or u0 is null or v1 is null or v0 is null or t1 is null or t0 is null then null
                        when r0 = 0 and u0 = 0 and v0 = 0 and t0 = 0 then 'new'
                        when r1 = 0 and u1 = 0 and v1 = 0 and t1 = 0 then 'gone'
                        when least(r1, r0, u1, u0, v1, v0, t1, t0) > 0 then 'logarithmic_mean'
                        else 'shapley'
                    end as method_code
                    offset 0
                ) as k
                left join lateral (
                    select
                        coalesce(v1 / nullif(t1, 0), v0 / nullif(t0, 0), 1) as f1, coalesce(v0 / nullif(t0, 0), v1 / nullif(t1, 0), 1) as f0,
                        coalesce(u1 / nullif(v1, 0), u0 / nullif(v0, 0), 1) as c1, coalesce(u0 / nullif(v0, 0), u1 / nullif(v1, 0), 1) as c0,
                        coalesce(r1 / nullif(u1, 0), r0 / nullif(u0, 0), 1) as a1, coalesce(r0 / nullif(u0, 0), r1 / nullif(u1, 0), 1) as a0
                    offset 0
                ) as f on k.method_code = 'shapley'
                offset 0
            ) as m
            offset 0
        ) as c
        offset 0
    ) as d
$$;

-- One row: the figures of two periods, each the difference of two tallies (what lies between ends with to_… and begins after from_…); those
-- before are multiplied by in_weight. in_days is how many days both have. A figure of which a day is unknown is null. v and t are
-- featured and total views where every day has a lost share and one of them is below 1, else both the views of the traffic report.
create function mart.sales_periods(
    to_after mart.sales_tally, from_after mart.sales_tally, to_before mart.sales_tally, from_before mart.sales_tally,
    in_days integer, in_weight numeric
) returns table (
    r1 numeric, r0 numeric, u1 bigint, u0 numeric, v1 numeric, v0 numeric, t1 numeric, t0 numeric, has_buy_box_factor boolean, is_estimated boolean,
    in_stock_days integer, in_stock_before_days integer, promotion_days integer, promotion_before_days integer,
    event_days integer, event_before_days integer
) language sql immutable rows 1 as $$
    select
        case when (to_after).unknown_revenues = (from_after).unknown_revenues then round((to_after).revenue - (from_after).revenue, 5) end,
        case when (to_before).unknown_revenues = (from_before).unknown_revenues
            then round(((to_before).revenue - (from_before).revenue) * in_weight, 5) end,
        case when (to_after).unknown_units = (from_after).unknown_units then (to_after).units - (from_after).units end,
        case when (to_before).unknown_units = (from_before).unknown_units then ((to_before).units - (from_before).units) * in_weight end,
        v.after, v.before * in_weight,
        case when f.has_factor then f.total_after + f.lost_after * f.mean_total else v.after end,
        case when f.has_factor then (f.total_before + f.lost_before * f.mean_total) * in_weight else v.before * in_weight end,
        f.has_factor, f.has_factor and f.lost_after + f.lost_before > 0,
        (to_after).in_stock_days - (from_after).in_stock_days, (to_before).in_stock_days - (from_before).in_stock_days,
        (to_after).promotion_days - (from_after).promotion_days, (to_before).promotion_days - (from_before).promotion_days,
        (to_after).event_days - (from_after).event_days, (to_before).event_days - (from_before).event_days
    from (
        select
            g.*, g.ratio_days = in_days and g.lost_after + g.lost_before < in_days as has_factor,
            (g.total_after + g.total_before) / nullif(in_days - g.lost_after - g.lost_before, 0) as mean_total
        from (
            select
                (to_after).ratio_days - (from_after).ratio_days + (to_before).ratio_days - (from_before).ratio_days as ratio_days,
                (to_after).lost_days - (from_after).lost_days as lost_after, (to_before).lost_days - (from_before).lost_days as lost_before,
                (to_after).total_views - (from_after).total_views as total_after,
                (to_before).total_views - (from_before).total_views as total_before
            offset 0
        ) as g
        offset 0
    ) as f
    cross join lateral (
        select
            case
                when f.has_factor then (to_after).featured_views - (from_after).featured_views
                when (to_after).unknown_views = (from_after).unknown_views then (to_after).views - (from_after).views
            end as after,
            case
                when f.has_factor then (to_before).featured_views - (from_before).featured_views
                when (to_before).unknown_views = (from_before).unknown_views then (to_before).views - (from_before).views
            end as before
        offset 0
    ) as v
$$;

-- Every ASIN that was seen or sold on one of in_days, with its running figures on each of them. Days without a row of a report are days without
-- sales or views; primary view; units and revenue as the account counts them.
create function mart.sales_tallies(in_account_id text, in_days datemultirange)
returns table (asin text, business_date date, tally mart.sales_tally) language sql stable rows 1000000 as $$
    with
    -- The account and a stretch of days. What follows reads each by itself (offset), so that no month beyond it is read.
    stretch as materialized (
        select
            a.account_id, a.marketplace_code, a.time_zone, a.primary_distributor_view_code as view_code,
            lower(d) as first_date, upper(d) - 1 as last_date
        from ops.account as a
        cross join unnest(in_days) as d
        where a.account_id = in_account_id
    ),

    sales_row as materialized (
        select f.*
        from stretch as b
        cross join lateral (
            select
                s.asin, s.business_date, case b.view_code when 'SOURCING' then s.shipped_units else s.ordered_units end as units,
                case b.view_code when 'SOURCING' then s.shipped_revenue_amount else s.ordered_revenue_amount end as revenue
            from core.sales_daily as s
            where s.account_id = b.account_id and s.business_date between b.first_date and b.last_date and s.distributor_view_code = b.view_code
            offset 0
        ) as f
    ),

    traffic_row as materialized (
        select f.*
        from stretch as b
        cross join lateral (
            select t.asin, t.business_date, t.glance_views as views
            from core.traffic_daily as t
            where t.account_id = b.account_id and t.business_date between b.first_date and b.last_date
            offset 0
        ) as f
    ),

    -- A row says which share of the views was lost when it also says how many were not: 0 where all were lost and the figure was left out.
    loss_row as materialized (
        select f.*
        from stretch as b
        cross join lateral (
            select
                l.asin, l.business_date, l.lost_featured_offer_ratio >= 1 as is_lost, coalesce(l.glance_views, 0) as featured_views,
                case when l.lost_featured_offer_ratio < 1 then l.glance_views / (1 - l.lost_featured_offer_ratio) else 0 end as total_views
            from core.featured_offer_loss_daily as l
            where l.account_id = b.account_id and l.business_date between b.first_date and b.last_date and b.view_code <> 'SOURCING'
                and l.lost_featured_offer_ratio is not null and (l.lost_featured_offer_ratio >= 1 or l.glance_views is not null)
            offset 0
        ) as f
    ),

    -- Nothing on hand: not in stock, unless units were sold all the same.
    empty_row as materialized (
        select f.*
        from stretch as b
        cross join lateral (
            select i.asin, i.business_date
            from core.inventory_daily as i
            where i.account_id = b.account_id and i.business_date between b.first_date and b.last_date and i.distributor_view_code = b.view_code
                and i.sellable_on_hand_units <= 0
            offset 0
        ) as f
    ),

    active_asin as materialized (
        select a.asin, f.first_date, p.promotion_dates
        from (select s.asin from sales_row as s union select t.asin from traffic_row as t union select l.asin from loss_row as l) as a
        left join (
            select k.*
            from (
                select array_agg(r.asin) as asins
                from (select s.asin from sales_row as s union select t.asin from traffic_row as t union select l.asin from loss_row as l) as r
            ) as c
            cross join lateral mart.first_appearances(in_account_id, c.asins) as k
        ) as f on a.asin = f.asin
        left join (
            select d.* from ops.account as o cross join lateral mart.promotion_days(o.account_id, o.time_zone) as d where o.account_id = in_account_id
        ) as p on a.asin = p.asin
    ),

    -- The days, each with whether an event holds it.
    day as materialized (
        select d.day::date as business_date, exists (
            select 1 from ops.event_calendar as e
            where e.marketplace_code = b.marketplace_code and d.day::date between e.start_date and e.end_date
        ) as is_event
        from stretch as b
        cross join generate_series(b.first_date::timestamp, b.last_date, interval '1 day') as d (day)
    ),

    asin_day as (
        select
            a.asin, d.business_date, d.is_event, coalesce(d.business_date <@ a.promotion_dates, false) as is_promotion,
            case when s.asin is null then 0 else s.units end as units, case when s.asin is null then 0 else s.revenue end as revenue,
            case when t.asin is null then 0 else t.views end as views, l.is_lost, l.featured_views, l.total_views,
            d.business_date >= a.first_date and not (e.asin is not null and (s.asin is null or coalesce(s.units, 1) <= 0)) as is_in_stock
        from day as d
        cross join active_asin as a
        left join sales_row as s on d.business_date = s.business_date and a.asin = s.asin
        left join traffic_row as t on d.business_date = t.business_date and a.asin = t.asin
        left join loss_row as l on d.business_date = l.business_date and a.asin = l.asin
        left join empty_row as e on d.business_date = e.business_date and a.asin = e.asin
    )

    select
        asin, business_date,
        row(
            sum(coalesce(units, 0)) over up_to, count(*) filter (where units is null) over up_to,
            sum(coalesce(revenue, 0)) over up_to, count(*) filter (where revenue is null) over up_to,
            sum(coalesce(views, 0)) over up_to, count(*) filter (where views is null) over up_to,
            count(is_lost) over up_to, count(*) filter (where is_lost) over up_to,
            sum(coalesce(featured_views, 0)) over up_to, sum(coalesce(total_views, 0)) over up_to,
            count(*) filter (where is_in_stock) over up_to, count(*) filter (where is_promotion) over up_to,
            count(*) filter (where is_event) over up_to
        )::mart.sales_tally
    from asin_day
    window up_to as (partition by asin order by business_date)
$$;
