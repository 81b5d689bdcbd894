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

-- ln(after / before) of two positive figures, else null. Of figures that lie close together a quotient would lose the digits that tell them apart.
create function mart.log_change(in_after numeric, in_before numeric) returns double precision language sql immutable as $$
    select case
        when least(in_after, in_before) <= 0 then null
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

-- The median of in_figures; of an even number the mean of the middle two; null of none.
create function mart.median(in_figures numeric[]) returns numeric language sql immutable as $$
    select (s.sorted[(cardinality(s.sorted) + 1) / 2] + s.sorted[cardinality(s.sorted) / 2 + 1]) * 0.5
    from (select array_agg(f.figure order by f.figure) as sorted from unnest(in_figures) as f (figure) where f.figure is not null offset 0) as s
$$;

-- The median of in_count ascending figures without the one at in_place, or of all where in_place is null. figure_1, _2 and _3 are those at
-- in_count / 2 (rounded down) and the two places after it. Null when nothing is left.
create function mart.median_of_others(in_count bigint, in_place bigint, figure_1 numeric, figure_2 numeric, figure_3 numeric) returns numeric
language sql immutable as $$
    select case
        when in_place is null and in_count % 2 = 0 then (figure_1 + figure_2) * 0.5
        when in_place is null then figure_2
        when in_count % 2 = 0 then case when in_place <= in_count / 2 then figure_2 else figure_1 end
        when in_place <= in_count / 2 then (figure_2 + figure_3) * 0.5
        when in_place = in_count / 2 + 1 then (figure_1 + figure_3) * 0.5
        else (figure_1 + figure_2) * 0.5
    end
$$;

-- Every ASIN of the client's list, which holds all that ever stood in a report, with the days from which it belongs to the catalogue and on
-- which it first appeared, and running sums on the days from from_date - 118 (week_…) and from from_date (return_…, shipped_…) to to_date, one
-- figure a day. week_amounts: revenue of 7 days, null when one is unknown. usual_amounts: the same where the 7 days are published, not before
-- the first appearance, and without event or promotion. return_units, shipped_units: of 28 days.
create function mart.sales_weeks(in_account_id text, from_date date, to_date date)
returns table (
    asin text, catalogue_date date, first_date date, week_amounts numeric[], usual_amounts numeric[], return_units bigint[], shipped_units bigint[]
) language sql stable rows 20000 as $$
    with
    account as materialized (select a.* from ops.account as a where a.account_id = in_account_id),

    sales_row as materialized (
        select
            s.asin, s.business_date, s.customer_return_units, s.shipped_units,
            case a.primary_distributor_view_code when 'SOURCING' then s.shipped_revenue_amount else s.ordered_revenue_amount end as revenue
        from account as a
        cross join lateral (
            select f.*
            from core.sales_daily as f
            where f.account_id = in_account_id and f.business_date between from_date - 118 and to_date
                and f.distributor_view_code = a.primary_distributor_view_code
            offset 0
        ) as s
    ),

    day as materialized (
        select
            g.day::date as business_date,
            not exists (
                select 1 from ops.slice as s
                where s.account_id = a.account_id and s.dataset_code = 'sales_daily' and s.variant_code = a.primary_distributor_view_code
                    and s.business_date = g.day::date and s.status_code = 'published'
            ) or exists (
                select 1 from ops.event_calendar as e
                where e.marketplace_code = a.marketplace_code and g.day::date between e.start_date and e.end_date
            ) as is_unusual
        from account as a
        cross join generate_series((from_date - 118)::timestamp, to_date, interval '1 day') as g (day)
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
        left join (select q.* from account as a cross join lateral mart.promotion_days(a.account_id, a.time_zone) as q) as d on k.asin = d.asin
        where k.catalogue_date <= to_date
    ),

    asin_day as (
        select
            k.asin, d.business_date, coalesce(s.revenue, 0) as revenue, s.asin is not null and s.revenue is null as is_unknown,
            d.is_unusual or coalesce(d.business_date <@ k.promotion_dates, false) or (d.business_date >= k.first_date) is not true as is_unusual,
            s.customer_return_units, s.shipped_units,
            s.asin is not null and (s.customer_return_units is null or s.shipped_units is null) as is_return_unknown
        from day as d
        cross join known_asin as k
        left join sales_row as s on d.business_date = s.business_date and k.asin = s.asin
    ),

    asin_week as (
        select
            w.asin, w.business_date, case when not bool_or(w.is_unknown) over week then sum(w.revenue) over week end as week_amount,
            bool_or(w.is_unusual) over week as is_unusual,
            case when not bool_or(w.is_return_unknown) over weeks then coalesce(sum(w.customer_return_units) over weeks, 0) end as returns,
            case when not bool_or(w.is_return_unknown) over weeks then coalesce(sum(w.shipped_units) over weeks, 0) end as shipped
        from asin_day as w
        window
            week as (partition by w.asin order by w.business_date rows 6 preceding),
            weeks as (partition by w.asin order by w.business_date rows 27 preceding)
    )

    select k.asin, k.catalogue_date, k.first_date, g.week_amounts, g.usual_amounts, g.return_units, g.shipped_units
    from known_asin as k
    inner join (
        select
            w.asin, array_agg(w.week_amount order by w.business_date) as week_amounts,
            array_agg(case when not w.is_unusual then w.week_amount end order by w.business_date) as usual_amounts,
            array_agg(w.returns order by w.business_date) filter (where w.business_date >= from_date) as return_units,
            array_agg(w.shipped order by w.business_date) filter (where w.business_date >= from_date) as shipped_units
        from asin_week as w
        group by w.asin
    ) as g on k.asin = g.asin
$$;

-- The newest day of the account's calendar of which every hour was delivered in real time, and whether its 8 same weekdays before were, too.
create function mart.newest_real_time_day(in_account_id text) returns table (business_date date, has_weekdays boolean) language sql stable as $$
    with
    account as (select a.* from ops.account as a where a.account_id = in_account_id),

    newest as (
        select max(s.business_date) as utc_date
        from ops.slice as s
        where s.account_id = in_account_id and s.dataset_code = 'sales_hourly' and s.status_code = 'published'
    ),

    -- Days around the newest delivered day of UTC, and 8 weeks before each.
    local_day as (
        select
            d.day::date as business_date, w.weeks,
            ((d.day - w.weeks * interval '7 days') at time zone a.time_zone at time zone 'UTC')::date as first_utc_date,
            ((d.day - w.weeks * interval '7 days' + interval '1 day') at time zone a.time_zone at time zone 'UTC' - interval '1 microsecond')::date
                as last_utc_date
        from account as a
        cross join newest as n
        cross join generate_series(n.utc_date - interval '40 days', n.utc_date + interval '1 day', interval '1 day') as d (day)
        cross join generate_series(0, 8) as w (weeks)
    ),

    delivered_day as (
        select l.business_date, l.weeks
        from local_day as l
        inner join ops.slice as s on s.account_id = in_account_id and s.dataset_code = 'sales_hourly' and s.status_code = 'published'
            and s.business_date between l.first_utc_date and l.last_utc_date
        group by l.business_date, l.weeks, l.first_utc_date, l.last_utc_date
        having count(*) = l.last_utc_date - l.first_utc_date + 1
    )

    select d.business_date, count(*) = 9
    from delivered_day as d
    group by d.business_date
    having bool_or(d.weeks = 0)
    order by d.business_date desc
    limit 1
$$;

-- Every ASIN of priority A or B that is in the catalogue of in_date, with the units ordered in real time on that day and on its 8 same weekdays
-- before, the newest first: 0 without a row, and no row at all where the units of an hour are unknown.
create function mart.real_time_weekdays(in_account_id text, in_date date) returns table (asin text, units bigint, weekday_units numeric[])
language sql stable as $$
    with
    weekday as materialized (
        select
            w.weeks, (in_date - 7 * w.weeks)::timestamp at time zone a.time_zone as start_at,
            (in_date - 7 * w.weeks + 1)::timestamp at time zone a.time_zone as end_at
        from ops.account as a
        cross join generate_series(0, 8) as w (weeks)
        where a.account_id = in_account_id
    ),

    asin_weekday as materialized (
        select w.weeks, f.*
        from weekday as w
        cross join lateral (
            select h.asin, sum(h.ordered_units) as units, bool_or(h.ordered_units is null) as is_unknown
            from core.sales_hourly as h
            where h.account_id = in_account_id and h.hour_start_at >= w.start_at and h.hour_start_at < w.end_at
            group by h.asin
            offset 0
        ) as f
    ),

    watched_asin as (
        select distinct on (p.asin) p.asin, p.priority_code
        from core.product as p
        where p.account_id = in_account_id and p.valid_from_date <= in_date
        order by p.asin, p.valid_from_date desc
    )

    select
        a.asin, coalesce(sum(u.units) filter (where w.weeks = 0), 0)::bigint,
        array_agg(coalesce(u.units, 0)::numeric order by w.weeks) filter (where w.weeks > 0)
    from watched_asin as a
    cross join weekday as w
    left join asin_weekday as u on a.asin = u.asin and w.weeks = u.weeks
    where a.priority_code in ('A', 'B')
    group by a.asin
    having not coalesce(bool_or(u.is_unknown), false)
$$;

-- ASINs with the days from from_date to to_date on which a row of them stands in the sales, inventory or traffic report, in any view.
create function mart.reported_days(in_account_id text, from_date date, to_date date) returns table (asin text, report_dates date[])
language sql stable as $$
    select r.asin, array_agg(r.business_date order by r.business_date)
    from (
        select s.asin, s.business_date from core.sales_daily as s
        where s.account_id = in_account_id and s.business_date between from_date and to_date
        union
        select i.asin, i.business_date from core.inventory_daily as i
        where i.account_id = in_account_id and i.business_date between from_date and to_date
        union
        select t.asin, t.business_date from core.traffic_daily as t
        where t.account_id = in_account_id and t.business_date between from_date and to_date
    ) as r
    group by r.asin
$$;

-- Whether Amazon had an offer in the newest offer snapshot of the 7 days that end with in_date; null without a snapshot.
create function mart.amazon_offer_of_week(in_account_id text, in_asin text, in_date date, in_time_zone text) returns boolean language sql stable as $$
    select s.has_amazon_offer
    from core.offer_snapshot as s
    where s.account_id = in_account_id and s.asin = in_asin
        and s.observed_at >= (in_date - 6)::timestamp at time zone in_time_zone and s.observed_at < (in_date + 1)::timestamp at time zone in_time_zone
    order by s.observed_at desc
    limit 1
$$;

-- Returned and shipped units of these ASINs on each day that knows both, from from_date to to_date.
create function mart.known_returns(in_account_id text, in_asins text[], from_date date, to_date date)
returns table (asin text, business_date date, return_units integer, shipped_units integer) language sql stable as $$
    select s.asin, s.business_date, s.customer_return_units, s.shipped_units
    from ops.account as a
    inner join core.sales_daily as s on a.account_id = s.account_id and a.primary_distributor_view_code = s.distributor_view_code
    where in_asins is not null and a.account_id = in_account_id and s.account_id = in_account_id
        and s.business_date between from_date and to_date and s.asin = any(in_asins)
        and s.customer_return_units is not null and s.shipped_units is not null
$$;

-- The contribution that pulled revenue down most in vs_8w on in_date, of equals the first in column order; no row when none is below 0.
create function mart.opening_driver(in_account_id text, in_asin text, in_date date) returns table (driver_code text, driver_amount numeric)
language sql stable rows 1 as $$
    select c.driver_code, c.amount
    from mart.sales_driver_daily as d
    cross join lateral (
        values (1, 'traffic', d.traffic_amount), (2, 'buy_box', d.buy_box_amount), (3, 'conversion', d.conversion_amount),
            (4, 'price', d.price_amount), (5, 'gone', d.gone_amount)
    ) as c (place, driver_code, amount)
    where d.account_id = in_account_id and d.asin = in_asin and d.business_date = in_date and d.comparison_code = 'vs_8w' and c.amount < 0
    order by c.amount, c.place
    limit 1
$$;

-- The days from from_date to to_date on which the sales and inventory reports of the primary view and the traffic report are all published.
create function mart.published_report_days(in_account_id text, from_date date, to_date date) returns date[] language sql stable as $$
    select array_agg(r.business_date order by r.business_date)
    from (
        select s.business_date
        from ops.account as a
        inner join ops.slice as s on s.account_id = a.account_id and s.business_date between from_date and to_date and s.status_code = 'published'
        where a.account_id = in_account_id and (s.dataset_code, s.variant_code) in (
            ('sales_daily', a.primary_distributor_view_code), ('inventory_daily', a.primary_distributor_view_code), ('traffic_daily', '')
        )
        group by s.business_date
        having count(*) = 3
    ) as r
$$;

-- One ASIN of the catalogue of each day from from_date to to_date that ends 7 published days: their revenue, and the median and noise (1.4826 times
-- the median distance from it) of the newest 8 of the 16 windows before them that are usual; both null with fewer than 5. Returned and shipped
-- units of 28 days are null unless all of these are published; is_returned says that they are so high that a longer look is due.
create function mart.usual_weeks(in_account_id text, from_date date, to_date date, in_sales_days date[])
returns table (
    business_date date, asin text, first_date date, week_amount numeric, window_count integer, median_amount numeric, noise_amount numeric,
    return_units bigint, shipped_units bigint, is_returned boolean
) language sql stable rows 20000 as $$
    with
    -- (Without order by, weeks may be summed anew for each day.)
    asin_date as materialized (
        select
            d.business_date, w.asin, w.first_date, w.week_amounts[d.place + 118] as week_amount, w.usual_amounts, d.place,
            case when d.has_returns then w.return_units[d.place] end as return_units,
            case when d.has_returns then w.shipped_units[d.place] end as shipped_units
        from mart.sales_weeks(in_account_id, from_date, to_date) as w
        cross join lateral (
            select
                g::date as business_date, g::date - from_date + 1 as place,
                mart.has_all_days(g::date, 28, in_sales_days) as has_returns
            from generate_series(from_date::timestamp, to_date, interval '1 day') as g
            where g::date >= w.catalogue_date and mart.has_all_days(g::date, 7, in_sales_days)
            order by g
        ) as d
    )

    select
        a.business_date, a.asin, a.first_date, a.week_amount, coalesce(cardinality(u.amounts), 0), m.median_amount, n.noise_amount,
        a.return_units, a.shipped_units,
        coalesce(a.return_units >= 5 and a.shipped_units > 0 and a.return_units > 0.1 * a.shipped_units, false)
    from asin_date as a
    cross join lateral (
        select array_agg(b.amount) as amounts
        from (
            select a.usual_amounts[a.place + 118 - 7 * v.weeks] as amount
            from generate_series(1, 16) as v (weeks)
            where a.usual_amounts[a.place + 118 - 7 * v.weeks] is not null
            order by v.weeks
            limit 8
        ) as b
    ) as u
    left join lateral (select mart.median(u.amounts) as median_amount offset 0) as m on cardinality(u.amounts) >= 5
    left join lateral (
        select 1.4826 * mart.median((select array_agg(abs(b.amount - m.median_amount)) from unnest(u.amounts) as b (amount))) as noise_amount
        offset 0
    ) as n on m.median_amount is not null
$$;
