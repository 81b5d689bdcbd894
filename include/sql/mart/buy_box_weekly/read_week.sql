-- The products of a week with the week before beside each and the client's own names, what was lost most first.
select
    w.asin,
    p.client_sku,
    p.name,
    w.observed_snapshots,
    w.observation_code,
    w.ownership_ratio,
    w.amazon_ratio,
    w.other_ratio,
    w.suppressed_ratio,
    w.none_ratio,
    w.top_other_seller_id,
    w.median_winner_price_amount,
    w.median_own_price_amount,
    w.loss_cause_code,
    w.official_lost_ratio,
    w.headline_ratio,
    w.branch_code,
    w.baseline_revenue_amount,
    w.lost_revenue_amount,
    b.ownership_ratio as ownership_ratio_before,
    b.official_lost_ratio as official_lost_ratio_before,
    b.headline_ratio as headline_ratio_before,
    b.lost_revenue_amount as lost_revenue_amount_before,
    w.data_status_code
from mart.buy_box_weekly as w
left join mart.buy_box_weekly as b
    on w.account_id = b.account_id and w.week_start_date = b.week_start_date + 7 and w.asin = b.asin
left join lateral (
    select
        q.client_sku,
        q.name
    from core.product as q
    where q.account_id = w.account_id and q.asin = w.asin and q.valid_from_date <= w.week_end_date
    order by q.valid_from_date desc
    limit 1
) as p on true
where w.account_id = %(account_id)s and w.week_start_date = %(week_end_date)s::date - 6
order by w.lost_revenue_amount desc nulls last, w.headline_ratio asc nulls last, w.asin asc
