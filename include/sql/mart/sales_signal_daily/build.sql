-- Builds mart.sales_signal_daily into its candidate, for the builds that build_ids names. d is a row's business date. Rounded where written.
-- noqa: disable=AM09,LT01,LT02,LT08,LT14
insert into candidate.sales_signal_daily (
    build_id, account_id, business_date, asin, currency_code, revenue_amount, window_count, median_revenue_amount, account_change_ratio,
    expected_revenue_amount, scale_amount, is_drop, is_rise, drop_opened_date, driver_code, driver_amount, is_early_drop, real_time_units,
    median_real_time_units, is_attribution_lost, has_high_returns, return_28d_units, return_28d_ratio, return_180d_ratio, data_status_code
)
with
-- One build, with its account's settings, its published sales days and the days on which all three reports are published.
span as materialized (
    select
        b.build_id, b.from_date, b.to_date, a.account_id, a.currency_code, a.time_zone, k.*, mart.published_sales_days(a.account_id) as sales_days,
        mart.published_report_days(a.account_id, b.from_date - 2, b.to_date) as report_days
    from ops.build as b
    inner join ops.account as a on b.account_id = a.account_id
    cross join jsonb_to_record(a.thresholds) as k (drop_scales numeric, drop_minimum_amount numeric, drop_minimum_ratio numeric)
    where b.build_id = any(%(build_ids)s)
),

-- One ASIN of the catalogue of d, with its change against its usual week and how much its weeks differ, as parts of the usual one.
ranked as materialized (
    select
        u.*, case when u.change_ratio is not null then row_number() over (partition by u.build_id, u.business_date order by u.change_ratio, u.asin)
        end as place, row_number() over (partition by u.build_id, u.business_date order by u.noise_ratio, u.asin) as noise_place
    from (
        select
            s.build_id, w.*, case when w.median_amount > 0 then w.week_amount / w.median_amount end as change_ratio,
            case when w.median_amount > 0 then w.noise_amount / w.median_amount end as noise_ratio
        from span as s
        cross join lateral mart.usual_weeks(s.account_id, s.from_date, s.to_date, s.sales_days) as w
    ) as u
),

-- An account's day: its revenue, and the figures in the middle of its products' changes and noises.
account_date as materialized (
    select
        r.build_id, r.business_date, r.changed_count, sum(r.week_amount) as week_amount,
        max(r.change_ratio) filter (where r.place = r.changed_count / 2) as change_1,
        max(r.change_ratio) filter (where r.place = r.changed_count / 2 + 1) as change_2,
        max(r.change_ratio) filter (where r.place = r.changed_count / 2 + 2) as change_3,
        avg(r.noise_ratio) filter (where r.noise_place in ((r.noisy_count + 1) / 2, r.noisy_count / 2 + 1)) as noise_ratio
    from (
        select
            k.*, count(k.place) over (partition by k.build_id, k.business_date) as changed_count,
            count(k.noise_ratio) over (partition by k.build_id, k.business_date) as noisy_count
        from ranked as k
    ) as r
    group by r.build_id, r.business_date, r.changed_count
),

judged as materialized (
    select
        r.*, s.account_id, c.account_change, e.expected, e.scale,
        round(r.week_amount, 9) < round(e.expected - e.distance, 9) and round(e.expected - r.week_amount, 9) >= round(e.least_amount, 9) as is_drop,
        round(r.week_amount, 9) > round(e.expected + e.distance, 9) and round(r.week_amount - e.expected, 9) >= round(e.least_amount, 9) as is_rise
    from ranked as r
    inner join span as s on r.build_id = s.build_id
    inner join account_date as a on r.build_id = a.build_id and r.business_date = a.business_date
    cross join lateral (
        select case
            when a.changed_count - (r.place is not null)::integer < 5 then 1
            else least(2, greatest(0.5, mart.median_of_others(a.changed_count, r.place, a.change_1, a.change_2, a.change_3)))
        end as account_change
    ) as c
    cross join lateral (
        select
            x.*, s.drop_scales * x.scale * greatest(1, c.account_change) as distance,
            greatest(s.drop_minimum_amount, s.drop_minimum_ratio * a.week_amount) as least_amount
        from (
            select
                r.median_amount * c.account_change as expected, case when r.median_amount is not null
                    then greatest(r.noise_amount, 0.074 * r.median_amount, r.median_amount * a.noise_ratio) end as scale
        ) as x
        offset 0
    ) as e
),

-- Returned and shipped units of 180 days, of the products that came back much: they say whether these always did.
returned_date as materialized (select r.build_id, r.asin, r.business_date from ranked as r where r.is_returned),

returned as materialized (
    select r.build_id, r.asin, r.business_date, sum(k.return_units) as return_units, sum(k.shipped_units) as shipped_units
    from span as s
    cross join lateral mart.known_returns(
        s.account_id, array(select distinct d.asin from returned_date as d where d.build_id = s.build_id), s.from_date - 179, s.to_date
    ) as k
    inner join returned_date as r
        on s.build_id = r.build_id and k.asin = r.asin and k.business_date between r.business_date - 179 and r.business_date
    group by r.build_id, r.asin, r.business_date
),

-- A day on which a drop goes on, with the day it opened: drops follow each other without a day between them that is judged to be none.
drop_date as materialized (
    select o.*
    from (
        select r.build_id, r.asin, r.business_date, r.is_drop, min(r.business_date) filter (where r.is_drop) over (
            partition by r.build_id, r.asin, r.run_number order by r.business_date range between interval '56 days' preceding and current row
        ) as opened_date
        from (
            select d.*, count(*) filter (where not d.is_drop) over (partition by d.build_id, d.asin order by d.business_date) as run_number
            from (
                select j.build_id, j.asin, j.business_date, j.is_drop from judged as j where j.is_drop is not null
                union all
                select s.build_id, b.asin, b.business_date, b.is_drop
                from span as s
                cross join lateral (
                    select m.asin, m.business_date, m.is_drop
                    from mart.sales_signal_daily as m
                    where m.account_id = s.account_id and m.business_date between s.from_date - 56 and s.from_date - 1 and m.is_drop is not null
                        and m.asin in (select j.asin from judged as j where j.build_id = s.build_id and j.is_drop)
                    offset 0
                ) as b
            ) as d
        ) as r
    ) as o where o.is_drop
)

select
    s.build_id, s.account_id, j.business_date, j.asin, s.currency_code, j.week_amount, j.window_count, round(j.median_amount, 4),
    round(j.account_change, 6), round(j.expected, 4), round(j.scale, 4), j.is_drop, j.is_rise, case when j.is_drop then o.opened_date end,
    v.driver_code, v.driver_amount, null, null, null,
    case
        when mart.has_all_days(j.business_date, 3, s.report_days) is not true then null
        when width_bucket(j.business_date, p.report_dates) > width_bucket(j.business_date - 3, p.report_dates) then false
        when (j.first_date < j.business_date - 2) is not true then false
        else mart.amazon_offer_of_week(s.account_id, j.asin, j.business_date, s.time_zone)
    end,
    case
        when j.return_units is null or (j.return_units >= 5 and j.shipped_units <= 0) then null
        else coalesce(j.return_units::numeric / nullif(j.shipped_units, 0) >= 2 * h.return_units::numeric / nullif(h.shipped_units, 0), false)
    end,
    j.return_units, round(j.return_units::numeric / nullif(greatest(j.shipped_units, 0), 0), 6),
    round(h.return_units::numeric / nullif(h.shipped_units, 0), 6),
    case when j.business_date > s.sales_days[cardinality(s.sales_days)] - 15 then 'published' else 'settled' end
from judged as j
inner join span as s on j.build_id = s.build_id
left join drop_date as o on j.is_drop and j.build_id = o.build_id and j.asin = o.asin and j.business_date = o.business_date
left join lateral mart.opening_driver(s.account_id, j.asin, o.opened_date) as v on true
left join (select b.build_id, r.* from span as b cross join lateral mart.reported_days(b.account_id, b.from_date - 2, b.to_date) as r) as p
    on j.build_id = p.build_id and j.asin = p.asin
left join returned as h on j.build_id = h.build_id and j.asin = h.asin and j.business_date = h.business_date
union all
select
    s.build_id, s.account_id, n.business_date, r.asin, s.currency_code, null, null, null, null, null, null, null, null, null, null, null,
    m.median_units >= 5 and r.units < m.median_units * 0.5, r.units, m.median_units, null, null, null, null, null, 'provisional'
from span as s
cross join lateral mart.newest_real_time_day(s.account_id) as n
cross join lateral mart.real_time_weekdays(s.account_id, n.business_date) as r
cross join lateral (select mart.median(r.weekday_units) as median_units) as m
where n.has_weekdays and n.business_date between s.from_date and s.to_date and mart.has_all_days(n.business_date, 7, s.sales_days) is not true
