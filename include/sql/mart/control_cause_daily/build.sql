-- Builds mart.control_cause_daily into its candidate, for the builds that build_ids names: account × day × product × family of causes.
-- Reads the marts as published and its own rows of the 15 days before the span, from which it carries since when a cause holds.
-- noqa: disable=LT01,LT02,LT08,LT14,ST09
insert into candidate.control_cause_daily (
    build_id, account_id, business_date, asin, family_code, cause_code, severity, opened_date, reopened_count, due_at, bundle_code,
    stake_amount, baseline_amount, currency_code, evidence, data_status_code
)
with
-- One build with the thresholds of its account.
span as materialized (
    select b.build_id, b.from_date, b.to_date, a.account_id, a.currency_code, a.time_zone, k.*
    from ops.build as b
    inner join ops.account as a on b.account_id = a.account_id
    cross join jsonb_to_record(a.thresholds) as k (carrying_cost_ratio numeric, content_low_score numeric)
    where b.build_id = any(%(build_ids)s)
),

-- One product of the catalogue of a day.
product_day as materialized (
    select s.*, p.* from span as s cross join lateral mart.products_of_days(s.account_id, s.from_date, s.to_date) as p
),

-- One cause that holds, whether another one explains it or not. What is lost in a week is an amount, or a share of the product's own revenue.
found as materialized (
    select s.build_id, f.*
    from span as s
    cross join lateral mart.found_causes(
        s.account_id, s.from_date, s.to_date, s.time_zone, s.carrying_cost_ratio, s.content_low_score
    ) as f
),

-- One cause of a product whose lifecycle lets it be raised, with its family.
held as materialized (
    select
        f.build_id, f.business_date, f.asin, f.cause_code, f.severity, f.due_at, f.evidence, f.data_status_code, r.family_code, p.account_id,
        p.from_date, p.currency_code, p.baseline,
        coalesce(f.bundle_code, case when r.family_code in ('page_gone', 'page_regression') then 'parent:' || p.parent_asin end)
            as bundle_code,
        case
            when r.family_code = 'excess' then f.lost_amount
            when f.lost_amount is not null and p.baseline is not null then least(greatest(f.lost_amount, 0), p.baseline)
            when f.lost_ratio is not null then least(greatest(f.lost_ratio, 0), 1) * p.baseline
        end as stake
    from found as f
    inner join mart.control_rules() as r on r.cause_code = f.cause_code
    inner join product_day as p on p.build_id = f.build_id and p.business_date = f.business_date and p.asin = f.asin
    where (p.lifecycle_code <> 'phase_out' or r.family_code = 'excess') and (p.lifecycle_code <> 'launch' or r.family_code <> 'page_gone')
        and (f.cause_code <> 'wrongly_obsolete' or p.lifecycle_code in ('launch', 'active', 'seasonal'))
),

-- One day of a cause, with the day before on which it held, in the span or before it.
dated as (
    select
        h.*, coalesce(lag(h.business_date) over cause_days, b.business_date) as before_date, b.opened_date as carried_date,
        b.reopened_count as carried_count
    from held as h
    left join lateral (
        select c.business_date, c.opened_date, c.reopened_count
        from mart.control_cause_daily as c
        where c.account_id = h.account_id and c.asin = h.asin and c.family_code = h.family_code
            and c.business_date between h.from_date - 15 and h.from_date - 1
        order by c.business_date desc
        limit 1
    ) as b on true
    window cause_days as (partition by h.build_id, h.asin, h.family_code order by h.business_date)
),

-- The same with the number of the unbroken run of days (gaps of up to 14 days within) that it belongs to; 0 goes on from before the span.
numbered as (
    select d.*, count(*) filter (where d.before_date is null or d.business_date - d.before_date > 15) over cause_days as run
    from dated as d
    window cause_days as (partition by d.build_id, d.asin, d.family_code order by d.business_date)
)
select
    build_id, account_id, business_date, asin, family_code, cause_code, severity,
    case run when 0 then carried_date else min(business_date) over (partition by build_id, asin, family_code, run) end,
    (case run when 0 then carried_count else 0 end + count(*) filter (where business_date - before_date between 2 and 15) over run_days)::integer,
    due_at, bundle_code, round(stake, 4), round(baseline, 4), currency_code, jsonb_strip_nulls(evidence), data_status_code
from numbered
window run_days as (partition by build_id, asin, family_code, run order by business_date)
