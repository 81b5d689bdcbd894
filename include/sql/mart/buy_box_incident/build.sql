-- Builds mart.buy_box_incident into its candidate, for the builds that build_ids names: one row per unbroken run of looks at a product in
-- which its Buy Box was lost, by the local day on which it opened. Reads all looks, also those after the last day of the build.
-- noqa: disable=LT01,LT02,LT08,LT14,ST07,ST09
insert into candidate.buy_box_incident (
    build_id, account_id, asin, opened_at, opened_date, currency_code, confirmed_at, cause_code, winner_seller_id,
    is_winner_fulfilled_by_amazon, winner_price_amount, our_price_amount, lost_snapshots, last_lost_at, closed_at, hours_open,
    hours_open_at_least, target_at, is_breached, is_censored, baseline_revenue_amount, lost_revenue_amount, reopened_count, data_status_code
)
with
-- One build, with its account's settings, the instants between which incidents open, and the newest look of the account.
span as materialized (
    select
        b.build_id, a.account_id, a.currency_code, a.time_zone, l.newest_at,
        b.from_date::timestamp at time zone a.time_zone as from_at,
        (b.to_date + 1)::timestamp at time zone a.time_zone as to_at,
        make_interval(secs => k.buy_box_confirming_hours * 3600) as confirming,
        make_interval(secs => k.buy_box_target_hours * 3600) as target,
        interval '336 hours' as reopening
    from ops.build as b
    inner join ops.account as a on b.account_id = a.account_id
    cross join jsonb_to_record(a.thresholds) as k (
        buy_box_confirming_hours double precision, buy_box_target_hours double precision
    )
    cross join lateral (
        select s.observed_at as newest_at from core.offer_snapshot as s
        where s.account_id = a.account_id
        order by s.observed_at desc
        limit 1
    ) as l
    where b.build_id = any(%(build_ids)s)
),

-- One product that was seen lost in the span.
lost_asin as materialized (
    select s.build_id, l.asin
    from span as s
    cross join lateral (
        select distinct o.asin from core.offer_snapshot as o
        where o.account_id = s.account_id and o.observed_at >= s.from_at and o.observed_at < s.to_at
            and o.owner_code not in ('amazon', 'own')
    ) as l
    where mart.is_own_asin(s.account_id, l.asin)
),

-- One run of one of them, with the ends of the product's confirmed runs; runs before the span count as what was reopened.
run as materialized (
    select
        s.build_id, l.asin, r.*,
        array_agg(r.closed_at) filter (where r.confirmed_at is not null and r.closed_at is not null) over (
            partition by s.build_id, l.asin
        ) as confirmed_closed_at
    from span as s
    inner join lost_asin as l using (build_id)
    cross join lateral mart.lost_runs(
        s.account_id, l.asin, s.from_at - s.reopening, s.to_at, s.newest_at, s.time_zone, s.confirming
    ) as r
),

-- The same for the runs that opened in the span.
incident as (
    select
        s.*, r.asin, r.opened_at, r.confirmed_at, r.last_lost_at, r.closed_at, r.lost_snapshots, r.causes, r.winner_seller_id,
        r.winner_price_amount, r.our_price_amount, d.opened_date,
        extract(epoch from coalesce(r.closed_at, s.newest_at) - r.opened_at) / 3600 as hours_open,
        extract(epoch from r.last_lost_at - r.opened_at) / 3600 as hours_open_at_least,
        coalesce(r.widest_gap > interval '26 hours', false) as is_censored,
        (
            select count(*) from unnest(r.confirmed_closed_at) as c (closed_at)
            where c.closed_at between r.opened_at - s.reopening and r.opened_at
        ) as reopened_count
    from span as s
    inner join run as r using (build_id)
    cross join lateral (select (r.opened_at at time zone s.time_zone)::date as opened_date) as d
    where r.opened_at >= s.from_at
)

select
    i.build_id, i.account_id, i.asin, i.opened_at, i.opened_date, i.currency_code, i.confirmed_at,
    mart.main_buy_box_cause_code(i.causes), i.winner_seller_id, f.is_fulfilled_by_amazon, i.winner_price_amount, i.our_price_amount,
    i.lost_snapshots, i.last_lost_at, i.closed_at, round(i.hours_open, 6), round(i.hours_open_at_least, 6),
    i.opened_at + i.target, i.last_lost_at > i.opened_at + i.target, i.is_censored, w.baseline_revenue_amount,
    round(w.baseline_revenue_amount * case when i.is_censored then i.hours_open_at_least else i.hours_open end / 168, 4),
    i.reopened_count,
    case when i.closed_at is not null then 'settled' when i.confirmed_at is not null then 'published' else 'provisional' end
from incident as i
left join lateral (
    select o.is_fulfilled_by_amazon
    from core.offer as o
    where o.account_id = i.account_id and o.observed_at = i.opened_at and o.asin = i.asin and o.seller_id = i.winner_seller_id
        and o.is_featured
    order by o.offer_index
    limit 1
) as f on true
left join lateral (
    select b.baseline_revenue_amount
    from mart.buy_box_weekly as b
    -- The Sundays of the 28 days to the opening.
    where b.account_id = i.account_id and b.asin = i.asin and b.week_start_date in (
        i.opened_date - extract(dow from i.opened_date)::integer, i.opened_date - extract(dow from i.opened_date)::integer - 7,
        i.opened_date - extract(dow from i.opened_date)::integer - 14, i.opened_date - extract(dow from i.opened_date)::integer - 21
    )
    order by b.week_start_date desc
    limit 1
) as w on true
