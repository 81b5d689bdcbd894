-- Builds mart.born_to_run_daily into its candidate, for the builds that build_ids names: one row per account, day and product that runs short.
-- d is a row's business date, and the day of submission. Reads the stock mart and the facts that demand is made of. Rounded where written.
-- noqa: disable=LT01,LT02,LT08,LT14
insert into candidate.born_to_run_daily (
    build_id, account_id, business_date, asin, currency_code, window_basis_code, demand_before_window_units, window_demand_units,
    window_demand_sigma_units, quantity_units, expected_unsold_units, unit_cogs_amount, retention_liability_amount, return_cash_out_amount,
    return_liability_amount, cheaper_option_code, worst_case_amount, veto_code, data_status_code
)
with
-- One build, with its account's settings and published sales days.
span as materialized (
    select
        b.build_id, b.from_date, b.to_date, a.*, k.*, mart.published_sales_days(a.account_id) as sales_days,
        mart.forecast_generations(a.account_id, b.from_date - 28, b.to_date) as generations
    from ops.build as b
    inner join ops.account as a on b.account_id = a.account_id
    cross join jsonb_to_record(a.thresholds) as k (
        amazon_operating_cost_amount numeric, back_margin_ratio numeric, born_to_run_lead_days integer, born_to_run_window_days integer,
        born_to_run_retention_ratio numeric, born_to_run_return_ratio numeric, born_to_run_uncertainty_ratio numeric,
        born_to_run_budget_amount numeric, salvage_ratio numeric
    )
    where b.build_id = any(%(build_ids)s)
),

-- A product that runs short on d, as its stock row says.
short as materialized (
    select s.build_id, c.*
    from span as s
    inner join mart.stock_coverage_daily as c on s.account_id = c.account_id and c.business_date between s.from_date and s.to_date
    where c.stock_status_code in ('out_of_stock', 'critical', 'low') and c.expected_units_per_day > 0
),

short_asins as materialized (
    select s.build_id, s.account_id, s.from_date, s.to_date, array(select distinct h.asin from short as h where h.build_id = s.build_id) as asins
    from span as s
),

history as materialized (
    select a.build_id, h.*
    from short_asins as a
    cross join lateral mart.demand_history(a.account_id, a.from_date, a.to_date, a.asins) as h
),

-- What Amazon and the vendor earn on it; this needs no offers.
margin as materialized (
    select
        a.build_id, m.asin, m.business_date, m.cost_price,
        case when s.amazon_operating_cost_amount = 0 then m.amazon_margin_ratio
            else m.amazon_margin_ratio - s.amazon_operating_cost_amount / nullif(greatest(m.average_selling_price, 0), 0) end as margin_left
    from short_asins as a
    inner join span as s on a.build_id = s.build_id
    cross join lateral mart.usual_margins(a.account_id, a.from_date, a.to_date, a.asins) as m
),

-- The same products with their demand: the stock row's, unrounded where the demand days still make it, and the forecast of the window.
demanded as materialized (
    select
        h.build_id, h.account_id, h.business_date, h.asin, h.currency_code, h.data_status_code, h.sellable_on_hand_units + h.incoming_units as stock,
        g.unit_variance, g.day_count, g.special_day_count, g.unit_cogs, e.demand, f.*, b.first_days,
        case when round(t.expected, 6) = h.expected_units_per_day then t.expected else h.expected_units_per_day end as expected
    from short as h
    inner join span as s on h.build_id = s.build_id
    left join history as y on h.build_id = y.build_id and h.asin = y.asin
    cross join lateral mart.demand_figures(
        h.business_date, s.sales_days[greatest(width_bucket(h.business_date, s.sales_days) - 6, 1)],
        y.dates, y.units, y.is_usual, y.cogs_amounts, y.cogs_units
    ) as g
    cross join lateral (select h.business_date + s.born_to_run_lead_days as from_date, least(28, s.born_to_run_window_days) as first_days) as b
    cross join lateral mart.window_forecast(
        h.account_id, h.asin, h.business_date, b.from_date, b.from_date + s.born_to_run_window_days - 1, b.first_days, s.generations
    ) as f
    cross join lateral (
        select case h.demand_basis_code when 'forecast' then f.next_day_units else g.units / nullif(g.day_count, 0) end as figure
    ) as d
    cross join lateral (select case when round(d.figure, 6) = h.demand_units_per_day then d.figure else h.demand_units_per_day end as demand) as e
    cross join lateral (
        select e.demand * case
            when h.trend_ratio is null then 1
            else least(2, greatest(0.5, (g.trend_units + 10) / nullif(e.demand * g.trend_day_count + 10, 0)))
        end as expected
    ) as t
),

-- The same, with what sells before and in the window, how far that may stray, and what is to be ordered for it.
ordered as materialized (
    select
        d.*, p.unit_cost, p.client_stock_units, p.lifecycle_code, w.mu, w.demand_before, v.sigma, d.stock / d.expected as cover_with_incoming,
        s.time_zone, s.born_to_run_lead_days as lead_days, s.born_to_run_retention_ratio as retention_ratio, s.salvage_ratio,
        1 + s.born_to_run_return_ratio as return_ratio, 1 - s.back_margin_ratio as net_ratio,
        case
            when s.born_to_run_budget_amount is null or d.unit_cogs is null or q.quantity is null then q.quantity
            else least(q.quantity, floor(round(s.born_to_run_budget_amount / d.unit_cogs / c.case_units, 9)) * c.case_units)
        end as quantity
    from demanded as d
    inner join span as s on d.build_id = s.build_id
    cross join lateral mart.product_on(d.account_id, d.asin, d.business_date) as p
    cross join lateral (select coalesce(p.case_pack_units, 1) as case_units) as c
    cross join lateral (
        select
            coalesce(d.units, s.born_to_run_window_days * d.demand) as mu, coalesce(d.first_units, d.first_days * d.demand) as first_demand,
            coalesce(d.earlier_units, (s.born_to_run_lead_days - 1) * d.expected) as demand_before
    ) as w
    cross join lateral (
        select greatest(
            case when d.p90_units > w.mu then (d.p90_units - w.mu) / 1.2816
                else sqrt(greatest(w.mu, s.born_to_run_window_days * d.unit_variance)) end,
            s.born_to_run_uncertainty_ratio * w.mu
        ) as sigma
    ) as v
    cross join lateral (
        select case
            when d.stock is not null
                then c.case_units * ceil(round(greatest(w.first_demand - greatest(d.stock - w.demand_before, 0), 0) / c.case_units, 9))
        end as quantity
    ) as q
)
select
    o.build_id, o.account_id, o.business_date, o.asin, o.currency_code, case when o.units is null then 'demand' else 'forecast' end,
    round(o.demand_before, 6), round(o.mu, 6), round(o.sigma, 6), o.quantity, round(e.unsold, 6), round(o.unit_cogs, 4),
    round(l.retention, 4), round(o.return_ratio * o.unit_cogs * e.unsold, 4), round(l.return, 4),
    case when round(l.return, 9) < round(l.retention, 9) then 'return' when l.return >= 0 then 'retention' end,
    round(o.retention_ratio * o.unit_cogs * o.quantity, 4),
    case
        when mart.is_not_invited(o.account_id, o.asin, i.end_at) then 'not_invited'
        when o.quantity is null then 'unknown'
        when o.quantity = 0 then 'not_needed'
        when o.lifecycle_code = 'phase_out' or mart.is_obsolete(o.account_id, o.asin, o.business_date) then 'obsolete'
        when round(o.cover_with_incoming, 9) >= o.lead_days + 28 then 'covered_by_incoming'
        when o.client_stock_units <= 0 then 'client_has_no_stock'
        when r.is_rejected then 'we_rejected_pos'
        when 2 * o.special_day_count > o.day_count then 'event_inflated'
        when round(m.margin_left, 9) < 0 or round(m.cost_price * o.net_ratio, 9) < o.unit_cost then 'negative_margin'
        when mart.is_undercut(o.account_id, o.asin, b.begin_at, i.end_at) then 'buy_box_lost_on_price'
        when o.unit_cogs is null or o.unit_cost is null then 'no_cost'
    end,
    o.data_status_code
from ordered as o
inner join margin as m on o.build_id = m.build_id and o.business_date = m.business_date and o.asin = m.asin
cross join lateral (select (o.business_date - 6)::timestamp at time zone o.time_zone as begin_at) as b
cross join lateral (select (o.business_date + interval '1 day') at time zone o.time_zone as end_at) as i
cross join lateral mart.purchase_orders(o.account_id, o.asin, o.business_date, i.end_at, o.time_zone) as r
cross join lateral (select mart.expected_unsold_units(o.quantity, o.mu, o.sigma)::numeric as unsold) as e
cross join lateral (
    select
        o.retention_ratio * o.unit_cogs * e.unsold as retention,
        e.unsold * case when o.unit_cogs * o.unit_cost > 0
            then greatest(o.return_ratio * o.unit_cogs - o.salvage_ratio * o.unit_cost, 0) end as return
) as l
