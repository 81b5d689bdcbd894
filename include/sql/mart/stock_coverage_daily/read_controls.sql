-- The stock lines that a person acts on, worst first.
select
    account_id,
    business_date,
    asin,
    stock_status_code,
    stock_source_code,
    stock_as_of_at,
    sellable_on_hand_units,
    expected_units_per_day,
    days_of_cover,
    projected_stockout_date,
    supply_cause_code,
    excess_units,
    excess_cost_amount,
    revenue_at_risk_amount,
    currency_code,
    data_status_code
from mart.stock_coverage_daily
where
    account_id = any(%(account_ids)s)
    and business_date = %(business_date)s
    and stock_status_code in ('out_of_stock', 'unconfirmed', 'low_local_stock', 'critical', 'low', 'overstock', 'dead_stock')
order by
    account_id asc,
    array_position(
        array['out_of_stock', 'unconfirmed', 'critical', 'low_local_stock', 'low', 'overstock', 'dead_stock'], stock_status_code
    ),
    revenue_at_risk_amount desc nulls last,
    excess_cost_amount desc nulls last,
    asin asc
