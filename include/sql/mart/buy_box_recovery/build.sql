-- Builds mart.buy_box_recovery into its candidate, for the builds that build_ids names: one row per confirmed incident that was lost to a lower
-- price, by the local day of its opening. Reads incidents as published, and what people did about them.
-- noqa: disable=LT01,LT02,LT08,LT14,ST07,ST09
insert into candidate.buy_box_recovery (
    build_id, account_id, asin, opened_at, opened_date, currency_code, priced_at, our_price_amount, target_price_amount,
    funding_per_unit_amount, units_14d, budget_14d_amount, joint_price_amount, vendor_margin_after_ratio, advice_code, approval_code,
    approval_actor_name, approval_at, spend_amount, retaken_at, data_status_code
)
with
incident as (
    select
        b.build_id, i.account_id, i.asin, i.opened_at, i.opened_date, i.last_lost_at, i.closed_at, i.hours_open, i.data_status_code,
        a.currency_code, a.time_zone, a.vat_ratio, k.buy_box_waiting_hours
    from ops.build as b
    inner join ops.account as a on b.account_id = a.account_id
    cross join jsonb_to_record(a.thresholds) as k (buy_box_waiting_hours numeric)
    inner join mart.buy_box_incident as i on i.account_id = b.account_id and i.opened_date between b.from_date and b.to_date
    where b.build_id = any(%(build_ids)s) and i.cause_code = 'undercut' and i.confirmed_at is not null
),

-- The same with the newest look that shows it undercut, and what the vendor would pay on each unit.
priced as (
    select
        i.*, s.observed_at as priced_at, s.our_price_amount as our_price, s.winner_price_amount as target_price,
        (s.observed_at at time zone i.time_zone)::date as priced_date,
        (s.our_price_amount - s.winner_price_amount) / (1 + i.vat_ratio) as funding
    from incident as i
    cross join lateral (
        select o.observed_at, o.our_price_amount, o.winner_price_amount
        from core.offer_snapshot as o
        where o.account_id = i.account_id and o.asin = i.asin and o.observed_at between i.opened_at and i.last_lost_at
            and o.owner_code = 'other' and o.winner_price_amount < o.our_price_amount
        order by o.observed_at desc
        limit 1
    ) as s
),

-- What people did about each incident, in one row.
answer as (
    select
        i.build_id, i.asin, i.opened_at,
        sum(c.spend_amount) filter (where split_part(c.control_id, ':', 3) = i.asin or c.asin = i.asin) as spend_amount,
        bool_or(c.action_code in ('agreed', 'done') and c.acted_at <= i.closed_at) as is_retaken,
        (array_agg(c.action_code order by c.acted_at desc, c.action_id desc) filter (where k.is_approval))[1] as action_code,
        (array_agg(c.actor_name order by c.acted_at desc, c.action_id desc) filter (where k.is_approval))[1] as actor_name,
        max(c.acted_at) filter (where k.is_approval) as acted_at
    from incident as i
    inner join ops.control_action as c
        on c.account_id = i.account_id and coalesce(c.asin = i.asin, true)
        and mart.answers_incident(c.control_id, c.acted_at, i.account_id, i.asin, i.opened_at)
    cross join lateral (select c.action_code in ('sent_to_client', 'agreed', 'refused') as is_approval) as k
    group by i.build_id, i.asin, i.opened_at
)

select
    build_id, p.account_id, asin, opened_at, p.opened_date, p.currency_code, p.priced_at, p.our_price, p.target_price,
    round(p.funding, 4), round(14 * d.expected_units_per_day, 6), round(p.funding * 14 * d.expected_units_per_day, 4),
    g.joint_price_amount,
    case when n.net_after > 0 then round((n.net_after - g.unit_cost_amount) / n.net_after, 6) end,
    case
        when p.hours_open < p.buy_box_waiting_hours then 'wait'
        when p.target_price < g.joint_price_amount then 'trace_supply'
        when round(n.net_after, 9) < g.unit_cost_amount then 'accept'
        else 'fund_price_discount'
    end,
    case a.action_code when 'sent_to_client' then 'proposed' else a.action_code end, a.actor_name, a.acted_at, a.spend_amount,
    case when a.is_retaken then p.closed_at end,
    mart.worst_status_code(array[p.data_status_code, d.data_status_code, g.data_status_code])
from priced as p
left join answer as a using (build_id, asin, opened_at)
left join lateral (
    select s.expected_units_per_day, s.data_status_code
    from mart.stock_coverage_daily as s
    where s.account_id = p.account_id and s.asin = p.asin and s.business_date in (
        p.opened_date, p.opened_date - 1, p.opened_date - 2, p.opened_date - 3, p.opened_date - 4, p.opened_date - 5, p.opened_date - 6
    )
    order by s.business_date desc
    limit 1
) as d on true
left join lateral (
    select v.joint_price_amount, v.net_in_promotion_amount, v.unit_cost_amount, v.data_status_code
    from mart.price_gap_daily as v
    where v.account_id = p.account_id and v.asin = p.asin and v.business_date in (
        p.priced_date, p.priced_date - 1, p.priced_date - 2, p.priced_date - 3, p.priced_date - 4, p.priced_date - 5, p.priced_date - 6
    )
    order by v.business_date desc
    limit 1
) as g on true
cross join lateral (select g.net_in_promotion_amount - p.funding as net_after) as n
