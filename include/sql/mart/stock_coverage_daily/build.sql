-- Builds mart.stock_coverage_daily into its candidate, for the builds that build_ids names. d is a row's business date. Rounded where written.
-- noqa: disable=LT01,LT02,LT08,LT14
insert into candidate.stock_coverage_daily (
    build_id, account_id, business_date, asin, currency_code, demand_units_per_day, demand_basis_code, demand_day_count, trend_ratio,
    expected_units_per_day, units_30d, units_previous_30d, units_same_30d_last_year, on_hand_30d_ago_units, stock_to_month_ratio,
    sellable_on_hand_units, stock_source_code, stock_as_of_at, incoming_units, days_of_cover, days_of_cover_forecast, days_of_cover_with_incoming,
    lead_time_days, projected_stockout_date, stock_status_code, supply_cause_code, excess_units, excess_cost_amount, revenue_at_risk_amount,
    average_selling_price_amount, data_status_code
)
with
-- One build, with its account's settings and published sales days.
span as materialized (
    select
        b.build_id, b.from_date, b.to_date, a.*, k.*, mart.published_sales_days(a.account_id) as sales_days,
        mart.forecast_generations(a.account_id, b.from_date - 28, b.to_date) as generations,
        exists (select 1 from core.purchase_order_line as l where l.account_id = a.account_id) as has_purchase_orders
    from ops.build as b
    inner join ops.account as a on b.account_id = a.account_id
    cross join jsonb_to_record(a.thresholds) as k (
        critical_cover_days numeric, low_cover_margin_days numeric, overstock_cover_days integer, default_lead_time_days numeric
    )
    where b.build_id = any(%(build_ids)s)
),

-- One ASIN of the catalogue of d, with what the facts say of it at the end of d. (Without order by, all history may be read anew for each d.)
asin_date as materialized (
    select
        s.build_id, s.account_id, d.business_date, h.asin, s.currency_code, d.end_at, s.critical_cover_days, s.low_cover_margin_days,
        s.overstock_cover_days, s.has_purchase_orders, i.*, f.*, r.*, l.*,
        mart.sales_status_code(d.business_date, s.sales_days) as sales_status_code,
        coalesce(h.lifecycle_codes[width_bucket(d.business_date, h.valid_from_dates)], 'active') as lifecycle_code,
        mart.units_of_days(d.business_date - 29, d.business_date, h.selling_dates, h.selling_units) as units_30d,
        mart.units_of_days(d.business_date - 59, d.business_date - 30, h.selling_dates, h.selling_units) as units_previous_30d,
        mart.units_of_days(d.business_date - 393, d.business_date - 364, h.selling_dates, h.selling_units) as units_same_30d_last_year,
        coalesce(width_bucket(d.business_date, h.sold_dates) > width_bucket(d.business_date - 365, h.sold_dates), false) as is_sold_in_year,
        mart.newest_within(1, d.business_date - 30, h.on_hand_dates, h.on_hand_units) as on_hand_30d_ago_units,
        mart.newest_within(1, d.business_date, h.on_hand_dates, h.on_hand_units) as reported_units,
        mart.newest_within(14, d.business_date, h.on_hand_dates, h.on_hand_units) as stale_units,
        (mart.newest_within(14, d.business_date, h.on_hand_dates, h.on_hand_dates) + interval '1 day') at time zone s.time_zone as reported_at,
        mart.newest_within(14, d.business_date, h.cost_dates, h.cost_amounts) as cost_amount,
        mart.newest_within(14, d.business_date, h.cost_dates, h.cost_units) as cost_units,
        mart.newest_within(14, d.business_date, h.open_dates, h.open_units) as open_units,
        mart.newest_within(14, d.business_date, h.unfilled_dates, h.unfilled_units) as unfilled_units,
        coalesce(mart.newest_within(90, d.business_date, h.lead_dates, h.lead_days), s.default_lead_time_days) as lead_time_days
    from span as s
    cross join lateral mart.asin_history(s.account_id, s.from_date, s.to_date) as h
    cross join lateral (
        select
            g::date as business_date, (g + interval '1 day') at time zone s.time_zone as end_at,
            h.selling_dates[greatest(width_bucket(g::date, h.selling_dates) - 6, 1)] as trend_from_date
        from generate_series(s.from_date::timestamp, s.to_date, interval '1 day') as g
        where g::date <@ h.seen_dates
        order by g
    ) as d
    cross join lateral (
        select
            count(*)::integer as demand_day_count, max(m.business_date) as demand_to_date, sum(greatest(m.units, 0))::numeric as demand_units,
            count(*) filter (where m.business_date >= d.trend_from_date) as trend_day_count,
            sum(greatest(m.units, 0)) filter (where m.business_date >= d.trend_from_date) as trend_units,
            sum(m.amount) / nullif(greatest(sum(m.units) filter (where m.amount is not null), 0), 0) as average_selling_price
        from mart.demand_days(
            d.business_date, h.base_dates, h.base_units, h.base_amounts, h.in_stock_dates, h.in_stock_units, h.in_stock_amounts
        ) as m
    ) as i
    cross join lateral mart.newest_forecast(s.account_id, h.asin, d.business_date, s.overstock_cover_days, s.generations) as f
    cross join lateral mart.newest_reading(s.account_id, h.asin, d.end_at) as r
    cross join lateral mart.purchase_orders(s.account_id, h.asin, d.business_date, d.end_at, s.time_zone) as l
),

-- The same, with the stock and the demand that hold.
measured as materialized (
    select *, least(2, greatest(0.5, coalesce(trend_ratio, 1))) * demand as expected
    from asin_date
    cross join lateral (
        select
            coalesce(reported_units, read_units, stale_units) as on_hand,
            case when reported_units is not null then 'vendor_report' when read_units is not null then 'real_time'
                when stale_units is not null then 'stale_report' end as stock_source_code,
            case when reported_units is null and read_units is not null then read_at else reported_at end as stock_as_of_at,
            case when has_purchase_orders then incoming_units when open_units is not null then greatest(open_units, 0) end as coming_units,
            case when demand_day_count >= 7 then demand_units / demand_day_count end as own_demand
    ) as a
    cross join lateral (
        select case when on_hand <= 0 then greatest(own_demand, forecast_per_day) else coalesce(own_demand, forecast_per_day) end as demand
    ) as b
    cross join lateral (
        select case when demand = own_demand and trend_day_count >= 4 then (trend_units + 10) / (demand * trend_day_count + 10) end as trend_ratio
    ) as c
),

-- The same, with its covers (null where nothing is expected to be sold) and its status.
judged as materialized (
    select
        *,
        case
            when on_hand is null then 'unknown'
            when lifecycle_code = 'discontinued' then 'inactive'
            when on_hand <= 0 and not is_sold_in_year and coalesce(unfilled_units, 0) <= 0 and lifecycle_code <> 'launch' then 'inactive'
            when on_hand <= 0 and has_amazon_offer then 'low_local_stock'
            when on_hand <= 0 and stock_source_code = 'stale_report' then 'unconfirmed'
            when on_hand <= 0 and stock_source_code = 'real_time' and zero_hours < confirming_hours then 'unconfirmed'
            when on_hand <= 0 then 'out_of_stock'
            when demand_day_count >= 21 and demand_units = 0 and demand_to_date > business_date - 28 then 'dead_stock'
            when coalesce(round(expected, 9), 0) = 0 then 'unknown'
            when round(cover, 9) < critical_cover_days then 'critical'
            when round(cover, 9) < safe_days then 'low'
            when lifecycle_code = 'seasonal' then case when on_hand > round(forecast_units, 9) then 'overstock' else 'healthy' end
            when round(cover, 9) > overstock_cover_days and coalesce(on_hand > round(forecast_units, 9), true) then 'overstock'
            else 'healthy'
        end as stock_status_code
    from measured
    cross join lateral (
        select case when on_hand is not null then greatest(on_hand, 0) end / nullif(expected, 0) as cover,
            case when on_hand + coming_units is not null then greatest(on_hand + coming_units, 0) end / nullif(expected, 0) as cover_with_incoming,
            round(lead_time_days + low_cover_margin_days, 9) as safe_days
    ) as c
    cross join lateral (select case when on_hand <= 0 then mart.amazon_offer(account_id, asin, end_at) end as has_amazon_offer) as o
    cross join lateral (select case when has_amazon_offer is null then 24 else 6 end as confirming_hours) as p
)
select
    build_id, account_id, business_date, asin, currency_code, round(demand, 6),
    case when demand is null then 'none' when own_demand is null or demand > own_demand then 'forecast'
        when demand_to_date > business_date - 28 then 'trailing' else 'last_in_stock' end,
    demand_day_count, round(trend_ratio, 6), round(expected, 6), units_30d, units_previous_30d, units_same_30d_last_year,
    on_hand_30d_ago_units, round(on_hand / nullif(units_30d, 0)::numeric, 6), on_hand, stock_source_code, stock_as_of_at, coming_units,
    round(cover, 6), round(mart.forecast_cover_days(on_hand, business_date + 1, week_starts, means), 6), round(cover_with_incoming, 6),
    round(lead_time_days, 6), case when round(cover, 9) < 365 then business_date + 1 + floor(round(cover, 9))::integer end, stock_status_code,
    case
        when stock_status_code not in ('out_of_stock', 'critical', 'low') then null
        when not has_purchase_orders then 'unknown'
        when is_unconfirmed then 'po_unconfirmed' when is_rejected then 'po_rejected' when is_overdue then 'po_overdue'
        when round(trend_ratio, 9) >= 1.5 then 'demand_surge'
        when round(cover_with_incoming, 9) >= safe_days then 'incoming_covers'
        when not is_ordered then 'no_po'
        else 'none'
    end,
    x.excess, round(x.excess * cost_amount / cost_units, 4),
    case when stock_status_code in ('out_of_stock', 'critical', 'low') and cover is not null
        then round(expected * average_selling_price * greatest(lead_time_days - cover, 0), 4) end, round(average_selling_price, 4),
    case
        when on_hand is null then 'missing' when stock_source_code = 'real_time' and sales_status_code <> 'missing' then 'provisional'
        else sales_status_code
    end
from judged
cross join lateral (
    select case
        when stock_status_code = 'unknown' then null when stock_status_code = 'dead_stock' then on_hand when stock_status_code <> 'overstock' then 0
        else greatest(on_hand - ceil(round(case lifecycle_code when 'seasonal' then forecast_units else overstock_cover_days * expected end, 9)), 0)
    end::bigint as excess
) as x
