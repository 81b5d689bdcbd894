-- Builds mart.price_gap_daily into its candidate, for the builds that build_ids names: one row per account, day and product of the catalogue
-- that was looked at. d is a row's business date. Reads offers, sales, margins, promotions, products and the watch list. Rounded where written.
-- noqa: disable=LT01,LT02,LT08,LT14
insert into candidate.price_gap_daily (
    build_id, account_id, business_date, asin, currency_code, observed_at, amazon_price_amount, our_price_amount, lowest_other_price_amount,
    competitor_count, peer_count, market_price_amount, market_basis_code, price_index, position_code, average_selling_price_amount,
    cost_price_amount, amazon_margin_ratio, price_floor_amount, net_cost_amount, unit_cost_amount, vendor_margin_ratio, net_in_promotion_amount,
    joint_price_amount, target_net_cost_amount, verdict_code, data_status_code
)
with
-- One build, with its account's settings and published sales days.
span as materialized (
    select
        b.build_id, b.from_date, b.to_date, a.*, k.*, mart.published_sales_days(a.account_id) as sales_days
    from ops.build as b
    inner join ops.account as a on b.account_id = a.account_id
    cross join jsonb_to_record(a.thresholds) as k (
        below_market_index numeric, above_market_index numeric, amazon_minimum_margin_ratio numeric, amazon_operating_cost_amount numeric,
        vendor_minimum_margin_ratio numeric, back_margin_ratio numeric
    )
    where b.build_id = any(%(build_ids)s)
),

-- The last snapshot of a product of the catalogue on d.
looked_at as materialized (
    select s.build_id, s.account_id, s.time_zone, s.amazon_seller_ids || s.own_seller_ids as our_seller_ids, o.*
    from span as s
    cross join lateral mart.last_looks(s.account_id, s.from_date, s.to_date) as o
),

-- Once for each build: worked out inside a join, it would be read anew for each product.
margin as materialized (
    select s.build_id, m.*
    from span as s
    cross join lateral mart.usual_margins(
        s.account_id, s.from_date, s.to_date, array(select distinct l.asin from looked_at as l where l.build_id = s.build_id)
    ) as m
),

-- A product and day with its market, and with what a unit earns Amazon and the vendor.
measured as materialized (
    select
        l.*, s.currency_code, s.below_market_index, s.above_market_index, s.amazon_minimum_margin_ratio as least_margin,
        s.amazon_operating_cost_amount as operating_cost, s.vendor_minimum_margin_ratio as least_vendor_margin, 1 + s.vat_ratio as with_vat,
        mart.sales_status_code(l.business_date, s.sales_days) as data_status_code,
        c.competitor_count, e.peer_count, m.average_selling_price, m.cost_price, m.amazon_margin_ratio as m, r.unit_cost,
        case when e.peer_count >= 3 then e.price_per_pack * coalesce(r.pack_units, 1) else l.other_price end as market_price,
        case when e.peer_count >= 3 then 'peers' when l.other_price is not null then 'same_asin' else 'none' end as market_basis_code,
        m.cost_price * (1 - s.back_margin_ratio) as net
    from looked_at as l
    inner join span as s on l.build_id = s.build_id
    inner join margin as m on l.build_id = m.build_id and l.business_date = m.business_date and l.asin = m.asin
    cross join lateral (
        select count(distinct o.seller_id)::integer as competitor_count
        from core.offer as o
        where o.account_id = l.account_id and o.observed_at = l.observed_at and o.asin = l.asin
            and coalesce(o.condition_code, 'new') = 'new' and o.seller_id <> all(l.our_seller_ids)
    ) as c
    -- Competitors by the newest price at which each was won within 7 days, for one unit of its pack.
    cross join lateral (
        select
            cardinality(p.prices) as peer_count,
            (p.prices[(cardinality(p.prices) + 1) / 2] + p.prices[cardinality(p.prices) / 2 + 1]) / 2 as price_per_pack
        from (
            select array(
                select w.winner_price_amount / k.pack_units
                from ops.watched_competitor as k
                cross join lateral (
                    select t.winner_price_amount
                    from core.offer_snapshot as t
                    where t.account_id = l.account_id and t.asin = k.competitor_asin and t.winner_price_amount > 0
                        and t.observed_at >= (l.business_date - 6)::timestamp at time zone l.time_zone
                        and t.observed_at < (l.business_date + interval '1 day') at time zone l.time_zone
                    order by t.observed_at desc
                    limit 1
                ) as w
                where k.account_id = l.account_id and k.asin = l.asin
                order by w.winner_price_amount / k.pack_units
            ) as prices
        ) as p
    ) as e
    cross join lateral mart.product_on(l.account_id, l.asin, l.business_date) as r
)
select
    build_id, account_id, business_date, asin, currency_code, observed_at, amazon_price, our_price, other_price, competitor_count, peer_count,
    round(market_price, 4), market_basis_code, round(price_index, 6), position_code, round(average_selling_price, 4), round(cost_price, 4),
    round(m, 6), round(floor_price, 4), round(net, 4), unit_cost, case when net > 0 then round((net - unit_cost) / net, 6) end,
    round(net - funding, 4), round(joint_price, 4),
    round(market_price / with_vat * (1 - least_margin) - operating_cost, 4),
    case
        when round(net, 9) < unit_cost then 'vendor_loses'
        when amazon_price is null or market_price is null or m is null then 'unknown'
        when other_price < round(joint_price, 9) and other_price < our_price then 'trace_supply'
        when position_code = 'above_market' and joint_price is null then 'unknown'
        when position_code = 'above_market' and round(joint_price, 9) <= round(market_price, 9) then 'fund_or_cut_cost'
        when position_code = 'above_market' then 'unviable_at_market'
        when round(margin_left, 9) < least_margin then 'margin_at_risk'
        when margin_left is null then 'unknown'
        else 'keep'
    end,
    data_status_code
from measured
cross join lateral (
    select
        100 * amazon_price / market_price as price_index,
        (average_selling_price * (1 - m) + operating_cost) / (1 - least_margin) * with_vat as floor_price,
        case when operating_cost = 0 then m else m - operating_cost / nullif(greatest(average_selling_price, 0), 0) end as margin_left
) as a
cross join lateral (
    select
        case
            when unit_cost is null then floor_price
            else (unit_cost / (1 - least_vendor_margin) + operating_cost) / (1 - least_margin) * with_vat
        end as joint_price,
        case
            when price_index is null then 'unknown' when round(price_index, 9) < below_market_index then 'below_market'
            when round(price_index, 9) > above_market_index then 'above_market' else 'in_line'
        end as position_code
) as b
