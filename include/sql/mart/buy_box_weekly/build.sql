-- Builds mart.buy_box_weekly into its candidate, for the builds that build_ids names: one row per week whose Saturday lies in the build's
-- days, and ASIN of that Saturday's catalogue. Weeks are named by their Sundays. Rounded where written.
-- noqa: disable=LT01,LT02,LT08,LT14,ST07,ST09,LT11,AM03
insert into candidate.buy_box_weekly (
    build_id, account_id, week_start_date, asin, week_end_date, currency_code, observed_snapshots, observed_days, coverage_ratio, is_sufficient,
    observation_code, ownership_ratio, amazon_ratio, other_ratio, suppressed_ratio, none_ratio, top_other_seller_id, top_other_seller_ratio,
    median_winner_price_amount, median_own_price_amount, loss_cause_code, official_lost_ratio, headline_ratio, branch_code,
    branch_driver_code, baseline_revenue_amount, lost_revenue_amount, data_status_code
)
with
-- One build with a Saturday, its account's settings, its first and last week, and the days published so far.
span as materialized (
    select
        b.build_id, a.account_id, a.currency_code, a.time_zone, a.marketplace_code, a.primary_distributor_view_code, k.buy_box_good_ratio,
        w.first_week, w.last_week, mart.published_sales_days(a.account_id) as sales_days,
        (
            select array_agg(distinct s.business_date order by s.business_date) from ops.slice as s
            where s.account_id = a.account_id and s.dataset_code = 'featured_offer_loss_daily' and s.status_code = 'published'
        ) as loss_days
    from ops.build as b
    inner join ops.account as a on b.account_id = a.account_id
    cross join jsonb_to_record(a.thresholds) as k (buy_box_good_ratio numeric)
    cross join lateral (select mart.week_start_date(b.from_date) as first_week, mart.week_start_date(b.to_date + 1) - 7 as last_week) as w
    where b.build_id = any(%(build_ids)s) and w.first_week <= w.last_week
),

-- One week that can tell a baseline: seven published sales days, none of them in an event.
clean_week as materialized (
    select s.build_id, w.week_start_date, w.week_start_date < s.first_week as is_before,
        row_number() over (partition by s.build_id, w.week_start_date < s.first_week order by w.week_start_date desc) as weeks_back
    from span as s
    cross join lateral (
        select g::date as week_start_date from generate_series(s.first_week - 364, (s.last_week - 7)::timestamp, interval '7 days') as g
    ) as w
    where width_bucket(w.week_start_date + 6, s.sales_days) - width_bucket(w.week_start_date - 1, s.sales_days) = 7
        and not exists (
            select 1 from ops.event_calendar as e
            where e.marketplace_code = s.marketplace_code and e.start_date <= w.week_start_date + 6 and e.end_date >= w.week_start_date
        )
),

-- The product weeks to be built.
item as materialized (
    select s.build_id, c.asin, c.business_date - 6 as week_start_date
    from span as s
    inner join mart.stock_coverage_daily as c
        on c.account_id = s.account_id and c.business_date between s.first_week + 6 and s.last_week + 6 and extract(dow from c.business_date) = 6
),

-- One build: its products, the weeks to be built, and the baseline weeks in two steps: the newest twelve before, of every product, and
-- those further back, of products that need them.
reach as materialized (
    select
        s.*, (select array_agg(distinct i.asin) from item as i where i.build_id = s.build_id) as asins,
        (select array_agg(distinct i.week_start_date) from item as i where i.build_id = s.build_id) as built_weeks,
        (
            select array_agg(w.week_start_date) from clean_week as w
            where w.build_id = s.build_id and (not w.is_before or w.weeks_back <= 12)
        ) as near_weeks,
        (
            select array_agg(w.week_start_date) from clean_week as w where w.build_id = s.build_id and w.is_before and w.weeks_back > 12
        ) as far_weeks
    from span as s
),

share as materialized (
    select r.build_id, h.* from reach as r cross join lateral mart.buy_box_weeks(r.account_id, r.built_weeks, r.asins) as h
),

near_base as materialized (
    select r.build_id, w.* from reach as r cross join lateral mart.baseline_weeks(r.account_id, r.near_weeks, r.asins, r.buy_box_good_ratio) as w
),

-- The products with fewer than eight good weeks among the newest twelve.
needy as materialized (
    select r.build_id, r.account_id, r.buy_box_good_ratio, r.far_weeks, array_agg(a.asin) as asins
    from reach as r
    cross join lateral unnest(r.asins) as a (asin)
    left join (
        select b.build_id, b.asin, count(*) as weeks from near_base as b inner join span as s using (build_id)
        where b.is_good and b.week_start_date < s.first_week group by b.build_id, b.asin
    ) as g on g.build_id = r.build_id and g.asin = a.asin
    where coalesce(g.weeks, 0) < 8 and r.far_weeks is not null
    group by r.build_id, r.account_id, r.buy_box_good_ratio, r.far_weeks
),

far_base as materialized (
    select n.build_id, w.* from needy as n
    cross join lateral mart.baseline_weeks(n.account_id, n.far_weeks, n.asins, n.buy_box_good_ratio) as w
),

-- The eight newest of both kinds, good weeks before the others, as what each says of a whole week.
baseline_week as (
    select i.build_id, i.asin, i.week_start_date, b.is_good,
        b.revenue_amount / case when b.is_good then 1 else greatest(0.1, b.headline_ratio) end as amount,
        row_number() over (partition by i.build_id, i.asin, i.week_start_date, b.is_good order by b.week_start_date desc) as place
    from item as i
    inner join (select * from near_base union all select * from far_base) as b
        on b.build_id = i.build_id and b.asin = i.asin
        and b.week_start_date < i.week_start_date and b.week_start_date >= i.week_start_date - 364
),

baseline as (
    select distinct on (w.build_id, w.asin, w.week_start_date) w.build_id, w.asin, w.week_start_date,
        (percentile_disc(0.5) within group (order by w.amount) + percentile_disc(0.5) within group (order by w.amount desc)) / 2 as amount
    from baseline_week as w
    where w.place <= 8
    group by w.build_id, w.asin, w.week_start_date, w.is_good
    order by w.build_id, w.asin, w.week_start_date, w.is_good desc
),

look as materialized (
    select r.build_id, l.* from reach as r cross join lateral mart.look_weeks(r.account_id, r.first_week, r.last_week, r.asins) as l
)

select
    build_id, r.account_id, week_start_date, asin, week_start_date + 6, r.currency_code, coalesce(h.observed_snapshots, 0),
    coalesce(h.observed_days, 0), round(coalesce(h.observed_days, 0) / 7::numeric, 6), coalesce(h.is_sufficient, false),
    case when h.is_sufficient then 'sufficient' when h.observed_snapshots > 0 then 'insufficient' else 'not_observable' end,
    round(h.amazon_ratio + h.own_ratio, 6), round(h.amazon_ratio, 6), round(h.other_ratio, 6), round(h.suppressed_ratio, 6),
    round(h.none_ratio, 6), l.top_other_seller_id, round(l.top_other_seller_ratio, 6), round(l.median_winner_price_amount, 4),
    round(l.median_own_price_amount, 4), l.loss_cause_code, round(h.official_lost_ratio, 6), round(h.headline_ratio, 6), k.branch_code,
    case when k.branch_code in ('ours', 'ours_unproven') then d.driver_code end,
    round(b.amount, 4), round(b.amount * (1 - h.headline_ratio), 4),
    case when h.headline_ratio is null then 'missing' else mart.week_status_code(week_start_date + 6, r.sales_days, r.loss_days) end
from item as i
inner join reach as r using (build_id)
left join share as h using (build_id, asin, week_start_date)
left join look as l using (build_id, asin, week_start_date)
left join baseline as b using (build_id, asin, week_start_date)
left join lateral (
    select c.driver_code
    from mart.sales_driver_daily as v
    cross join lateral (
        values ('traffic', v.traffic_amount, 1), ('buy_box', v.buy_box_amount, 2), ('conversion', v.conversion_amount, 3),
        ('price', v.price_amount, 4), ('new', v.new_amount, 5), ('gone', v.gone_amount, 6)
    ) as c (driver_code, amount, place)
    where v.account_id = r.account_id and v.business_date = i.week_start_date + 6 and v.asin = i.asin and v.comparison_code = 'wow'
        and v.revenue_change_amount < 0 and c.amount is not null
    order by c.amount, c.place
    limit 1
) as d on true
cross join lateral (
    select case
        when h.headline_ratio is null then 'unknown'
        when round(h.headline_ratio, 9) < r.buy_box_good_ratio then 'not_ours'
        when r.primary_distributor_view_code <> 'SOURCING' or (h.is_sufficient and round(h.own_ratio, 9) >= r.buy_box_good_ratio) then 'ours'
        else 'ours_unproven'
    end as branch_code
) as k
