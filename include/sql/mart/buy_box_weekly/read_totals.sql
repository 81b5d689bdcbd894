-- A week of the whole account and the one before. Shares are weighted by the products' usual weekly revenue, so that a best seller counts for
-- what it is worth; products without one are in no share, and weighted_products says how many are.
select
    week_end_date,
    count(*)::integer as products,
    count(*) filter (where observation_code <> 'not_observable')::integer as observed_products,
    count(*) filter (where branch_code = 'not_ours')::integer as lost_products,
    count(*) filter (where headline_ratio is not null and baseline_revenue_amount > 0)::integer as weighted_products,
    sum(observed_snapshots)::integer as observed_snapshots,
    round(
        sum(ownership_ratio * baseline_revenue_amount)
        / nullif(sum(baseline_revenue_amount) filter (where ownership_ratio is not null), 0), 6
    ) as ownership_ratio,
    round(
        sum(amazon_ratio * baseline_revenue_amount)
        / nullif(sum(baseline_revenue_amount) filter (where amazon_ratio is not null), 0), 6
    ) as amazon_ratio,
    round(
        sum(other_ratio * baseline_revenue_amount)
        / nullif(sum(baseline_revenue_amount) filter (where other_ratio is not null), 0), 6
    ) as other_ratio,
    round(
        sum(suppressed_ratio * baseline_revenue_amount)
        / nullif(sum(baseline_revenue_amount) filter (where suppressed_ratio is not null), 0), 6
    ) as suppressed_ratio,
    round(
        sum(none_ratio * baseline_revenue_amount)
        / nullif(sum(baseline_revenue_amount) filter (where none_ratio is not null), 0), 6
    ) as none_ratio,
    round(
        sum(official_lost_ratio * baseline_revenue_amount)
        / nullif(sum(baseline_revenue_amount) filter (where official_lost_ratio is not null), 0), 6
    ) as official_lost_ratio,
    round(
        sum(headline_ratio * baseline_revenue_amount)
        / nullif(sum(baseline_revenue_amount) filter (where headline_ratio is not null), 0), 6
    ) as headline_ratio,
    sum(baseline_revenue_amount) as baseline_revenue_amount,
    sum(lost_revenue_amount) as lost_revenue_amount
from mart.buy_box_weekly
where account_id = %(account_id)s and week_start_date in (%(week_end_date)s::date - 6, %(week_end_date)s::date - 13)
group by week_end_date
