-- Builds mart.sales_driver_daily into its candidate, for the builds that build_ids names. d is a row's business date.
-- noqa: disable=LT01,LT02,LT08,LT14
insert into candidate.sales_driver_daily (
    build_id, account_id, business_date, asin, comparison_code, currency_code, revenue_amount, revenue_before_amount, revenue_change_amount,
    has_buy_box_factor, is_total_views_estimated, method_code, traffic_amount, buy_box_amount, conversion_amount, price_amount, new_amount,
    gone_amount, sold_units, sold_before_units, view_count, view_before_count, total_view_count, total_view_before_count, in_stock_days,
    in_stock_before_days, promotion_days, promotion_before_days, event_days, event_before_days, data_status_code
)
with
-- One build, with its account's settings, its published sales days and those of them on which views are published too.
span as materialized (
    select
        b.build_id, b.from_date, b.to_date, a.account_id, a.currency_code, p.sales_days, p.seen_days
    from ops.build as b
    inner join ops.account as a on b.account_id = a.account_id
    cross join lateral (
        select
            array_agg(s.business_date order by s.business_date) as sales_days,
            array_agg(s.business_date order by s.business_date) filter (where exists (
                select 1 from ops.slice as t
                where t.account_id = s.account_id and t.dataset_code = 'traffic_daily' and t.variant_code = ''
                    and t.business_date = s.business_date and t.status_code = 'published'
            )) as seen_days
        from ops.slice as s
        where s.account_id = a.account_id and s.dataset_code = 'sales_daily' and s.variant_code = a.primary_distributor_view_code
            and s.status_code = 'published'
    ) as p
    where b.build_id = any(%(build_ids)s)
),

-- One comparison that can be made on d: every day of both periods is published.
compared as materialized (
    select s.build_id, d.day::date as business_date, c.*
    from span as s
    cross join generate_series(s.from_date::timestamp, s.to_date, interval '1 day') as d (day)
    cross join (values ('wow', 7, 7, 7, 1), ('vs_4w', 7, 28, 7, 0.25), ('vs_8w', 7, 56, 7, 0.125), ('mom', 30, 30, 30, 1), ('yoy', 28, 28, 364, 1))
        as c (comparison_code, after_days, before_days, before_offset, weight)
    where mart.has_all_days(d.day::date, c.after_days, s.seen_days)
        and mart.has_all_days(d.day::date - c.before_offset, c.before_days, s.seen_days)
),

-- One ASIN with what its days hold up to so many days back from d: what lies between two of them is their difference.
asin_day as materialized (
    select s.build_id, t.*
    from span as s
    cross join lateral mart.sales_tallies(
        s.account_id, array(select distinct c.business_date from compared as c where c.build_id = s.build_id),
        array(select c.business_date from compared as c where c.build_id = s.build_id and c.comparison_code = 'yoy')
    ) as t
),

-- One comparison of an ASIN: the figures of both periods, those before brought to the length of those after.
period_pair as materialized (
    select c.build_id, c.business_date, c.comparison_code, t.asin, p.*
    from compared as c
    inner join asin_day as t on c.build_id = t.build_id and c.business_date = t.business_date
    cross join (select row(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)::mart.sales_tally as zero) as z
    cross join lateral mart.sales_periods(
        case c.comparison_code when 'mom' then t.tally_30 when 'yoy' then t.tally_28 else t.tally_7 end, z.zero,
        case c.comparison_code
            when 'wow' then t.tally_14 when 'vs_4w' then t.tally_35 when 'vs_8w' then t.tally_63 when 'mom' then t.tally_60 else t.tally_yoy
        end,
        case c.comparison_code when 'mom' then t.tally_30 when 'yoy' then z.zero else t.tally_7 end,
        c.after_days + c.before_days, c.weight
    ) as p
)

select
    s.build_id, s.account_id, p.business_date, p.asin, p.comparison_code, s.currency_code, p.r1, p.r0,
    case when d.method_code is not null then p.r1 - p.r0 end, p.has_buy_box_factor, p.is_estimated, d.method_code, d.traffic_amount,
    case when p.has_buy_box_factor then d.buy_box_amount end, d.conversion_amount, d.price_amount, d.new_amount, d.gone_amount,
    p.u1, p.u0, p.v1, p.v0, case when p.has_buy_box_factor then round(p.t1, 6) end, case when p.has_buy_box_factor then round(p.t0, 6) end,
    p.in_stock_days, p.in_stock_before_days, p.promotion_days, p.promotion_before_days, p.event_days, p.event_before_days,
    case when p.business_date > s.sales_days[cardinality(s.sales_days)] - 15 then 'published' else 'settled' end
from period_pair as p
inner join span as s on p.build_id = s.build_id
cross join lateral mart.sales_drivers(p.r1, p.r0, p.u1, p.u0, p.v1, p.v0, p.t1, p.t0) as d
where (p.r1 = 0 and p.r0 = 0 and p.u1 = 0 and p.u0 = 0 and p.v1 = 0 and p.v0 = 0 and p.t1 = 0 and p.t0 = 0) is not true
