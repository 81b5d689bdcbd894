-- What price and Born to Run say of each product and day, and what the marts need to know of an account and of what people said.

-- VAT as a ratio of the price without it, and who sells for Amazon and for the brand; from the accounts file, when it is copied next.
alter table ops.account add column if not exists vat_ratio numeric check (vat_ratio >= 0);
alter table ops.account add column if not exists amazon_seller_ids text[] not null default '{}';
alter table ops.account add column if not exists own_seller_ids text[] not null default '{}';

-- Which product an action speaks of: an invitation is of a product, a control may be of many.
alter table ops.control_action add column if not exists asin text;

create table mart.price_gap_daily (
    account_id text not null,
    business_date date not null,
    asin text not null,
    currency_code text not null,
    observed_at timestamptz not null,
    amazon_price_amount numeric,
    our_price_amount numeric,
    lowest_other_price_amount numeric,
    competitor_count integer not null,
    peer_count integer not null,
    market_price_amount numeric,
    market_basis_code text not null check (market_basis_code in ('peers', 'same_asin', 'none')),
    price_index numeric,
    position_code text not null check (position_code in ('below_market', 'in_line', 'above_market', 'unknown')),
    average_selling_price_amount numeric,
    cost_price_amount numeric,
    amazon_margin_ratio numeric,
    price_floor_amount numeric,
    net_cost_amount numeric,
    unit_cost_amount numeric,
    vendor_margin_ratio numeric,
    net_in_promotion_amount numeric,
    joint_price_amount numeric,
    target_net_cost_amount numeric,
    verdict_code text not null check (
        verdict_code in ('vendor_loses', 'unknown', 'trace_supply', 'fund_or_cut_cost', 'unviable_at_market', 'margin_at_risk', 'keep')
    ),
    data_status_code text not null check (data_status_code in ('missing', 'published', 'settled')),
    built_at timestamptz not null,
    primary key (account_id, business_date, asin)
) partition by range (business_date);

create unlogged table candidate.price_gap_daily (
    build_id bigint not null,
    like mart.price_gap_daily,
    primary key (build_id, account_id, business_date, asin)
);
alter table candidate.price_gap_daily drop column built_at;

create table mart.born_to_run_daily (
    account_id text not null,
    business_date date not null,
    asin text not null,
    currency_code text not null,
    window_basis_code text not null check (window_basis_code in ('forecast', 'demand')),
    demand_before_window_units numeric not null,
    window_demand_units numeric not null,
    window_demand_sigma_units numeric not null,
    quantity_units bigint,
    expected_unsold_units numeric,
    unit_cogs_amount numeric,
    retention_liability_amount numeric,
    return_cash_out_amount numeric,
    return_liability_amount numeric,
    cheaper_option_code text check (cheaper_option_code in ('retention', 'return')),
    worst_case_amount numeric,
    veto_code text check (
        veto_code in (
            'not_invited', 'unknown', 'not_needed', 'obsolete', 'covered_by_incoming', 'client_has_no_stock', 'we_rejected_pos', 'event_inflated',
            'negative_margin', 'buy_box_lost_on_price', 'no_cost'
        )
    ),
    data_status_code text not null check (data_status_code in ('missing', 'provisional', 'published', 'settled')),
    built_at timestamptz not null,
    primary key (account_id, business_date, asin)
) partition by range (business_date);

create unlogged table candidate.born_to_run_daily (
    build_id bigint not null,
    like mart.born_to_run_daily,
    primary key (build_id, account_id, business_date, asin)
);
alter table candidate.born_to_run_daily drop column built_at;

-- Whether an account has SOURCING sales at all, on whatever day, is asked without reading its history.
create index sales_daily_sourcing on core.sales_daily (account_id) where distributor_view_code = 'SOURCING';

-- The view that cost and COGS come from: SOURCING as soon as the account has any such sales row, else the primary view.
create function mart.cogs_view_code(in_account_id text) returns text language sql stable as $$
    select case
        when exists (select 1 from core.sales_daily as f where f.account_id = a.account_id and f.distributor_view_code = 'SOURCING') then 'SOURCING'
        else a.primary_distributor_view_code
    end
    from ops.account as a
    where a.account_id = in_account_id
$$;

-- The local days that each of the products' promotions touch; one that ends at midnight does not touch the day that then begins.
create function mart.promotion_days(in_account_id text, in_asins text[])
returns table (asin text, promotion_dates datemultirange) language sql stable as $$
    select
        p.asin,
        range_agg(daterange(
            (p.start_at at time zone a.time_zone)::date, ((p.end_at - interval '1 microsecond') at time zone a.time_zone)::date, '[]'
        ))
    from ops.account as a
    inner join core.promotion as p on p.account_id = a.account_id
    where a.account_id = in_account_id and p.asin in (select unnest(in_asins)) and (p.end_at is null or p.end_at > p.start_at)
    group by p.asin
$$;

-- What a shipped unit of each product sold for (without VAT) and cost Amazon on its usual days, and Amazon's margin m on it: by product and day
-- of from_date … to_date. Usual days: the 28 newest published sales days within 365 to the day, without an event and without a promotion of it.
create function mart.usual_margins(in_account_id text, from_date date, to_date date, in_asins text[])
returns table (asin text, business_date date, average_selling_price numeric, cost_price numeric, amazon_margin_ratio numeric)
language sql stable rows 10000 as $$
    with
    -- The account, with the usual days of a product that no promotion touches, and the first of them that from_date needs.
    account as materialized (
        select
            a.account_id, a.primary_distributor_view_code, u.usual_dates, mart.cogs_view_code(a.account_id) as cogs_view_code,
            u.usual_dates[greatest(width_bucket(from_date, u.usual_dates) - 27, 1)] as near_date
        from ops.account as a
        cross join lateral (
            select array_agg(s.business_date order by s.business_date) as usual_dates
            from unnest(mart.published_sales_days(a.account_id)) as s (business_date)
            where s.business_date between from_date - 364 and to_date and not exists (
                select 1 from ops.event_calendar as e
                where e.marketplace_code = a.marketplace_code and s.business_date between e.start_date and e.end_date
            )
        ) as u
        where a.account_id = in_account_id
    ),

    -- One product with its usual days.
    asin_usual as materialized (
        select
            i.asin, p.promotion_dates,
            case
                when p.promotion_dates is null then a.usual_dates
                else array(select u.d from unnest(a.usual_dates) as u (d) where not u.d <@ p.promotion_dates order by u.d)
            end as usual_dates
        from account as a
        cross join unnest(in_asins) as i (asin)
        left join mart.promotion_days(in_account_id, in_asins) as p using (asin)
    ),

    -- One product and day, with the first of its usual days.
    asin_date as materialized (
        select
            u.asin, g::date as business_date, u.promotion_dates,
            greatest(u.usual_dates[greatest(width_bucket(g::date, u.usual_dates) - 27, 1)], g::date - 364) as first_date
        from asin_usual as u
        cross join generate_series(from_date::timestamp, to_date, interval '1 day') as g
    ),

    -- One usual day before near_date that a product needs, because promotions left it too few since.
    far_day as materialized (
        select n.asin, d.business_date
        from account as a
        inner join asin_date as n on n.business_date = from_date and n.promotion_dates is not null and n.first_date < a.near_date
        inner join asin_usual as u on u.asin = n.asin
        cross join lateral unnest(u.usual_dates) as d (business_date)
        where d.business_date >= n.first_date and d.business_date < a.near_date
    ),

    -- One product and usual day of sales, in each view that is read. Only products with many promotions look back beyond near_date.
    asin_sales as (
        select f.asin, f.business_date, f.distributor_view_code, f.shipped_units, f.shipped_revenue_amount, f.shipped_cogs_amount, m.net_ppm_ratio
        from account as a
        inner join core.sales_daily as f
            on f.account_id = in_account_id and f.business_date between a.near_date and to_date and f.business_date = any(a.usual_dates)
                and f.distributor_view_code in (a.primary_distributor_view_code, a.cogs_view_code)
        left join core.margin_daily as m
            on m.account_id = in_account_id and m.business_date = f.business_date and m.asin = f.asin
                and m.business_date between a.near_date and to_date
        union all
        select f.asin, f.business_date, f.distributor_view_code, f.shipped_units, f.shipped_revenue_amount, f.shipped_cogs_amount, m.net_ppm_ratio
        from far_day as d
        cross join account as a
        -- offset 0 keeps it one look at the key for each day; joined freely, the planner reads the whole history for each product.
        cross join lateral (
            select k.*
            from core.sales_daily as k
            where k.account_id = in_account_id and k.business_date = d.business_date and k.asin = d.asin
                and k.distributor_view_code in (a.primary_distributor_view_code, a.cogs_view_code)
            offset 0
        ) as f
        left join core.margin_daily as m on m.account_id = in_account_id and m.business_date = d.business_date and m.asin = d.asin
    )

    select
        d.asin, d.business_date,
        sum(k.revenue) / nullif(greatest(sum(f.shipped_units) filter (where k.revenue is not null), 0), 0),
        sum(k.cogs) / nullif(greatest(sum(f.shipped_units) filter (where k.cogs is not null), 0), 0),
        coalesce(
            sum(k.weight * f.net_ppm_ratio) / nullif(greatest(sum(k.weight), 0), 0),
            (
                select m.net_ppm_ratio
                from core.margin_daily as m
                where m.account_id = in_account_id and m.asin = d.asin and m.business_date between d.business_date - 29 and d.business_date
                    and m.net_ppm_ratio is not null
                order by m.business_date desc
                limit 1
            )
        )
    from account as a
    cross join asin_date as d
    left join asin_sales as f
        on f.asin = d.asin and f.business_date between d.first_date and d.business_date
            and (d.promotion_dates is null or not f.business_date <@ d.promotion_dates)
    cross join lateral (
        select
            case when f.distributor_view_code = a.primary_distributor_view_code and f.shipped_units is not null
                then f.shipped_revenue_amount end as revenue,
            case when f.distributor_view_code = a.cogs_view_code and f.shipped_units is not null then f.shipped_cogs_amount end as cogs,
            case when f.distributor_view_code = a.primary_distributor_view_code and f.net_ppm_ratio is not null
                then f.shipped_revenue_amount end as weight
    ) as k
    group by d.asin, d.business_date
$$;

-- The stock and sales of the products' published sales days within in_days to from_date and from there to to_date, as arrays of the days on
-- which they were in stock; is_usual: no event, and no promotion of the product. units are the account's, cogs_… those that c is made of.
-- A day before a product's first appearance is none of its days, and a day on which it is absent from sales sold 0.
create function mart.in_stock_history(in_account_id text, from_date date, to_date date, in_days integer, in_asins text[])
returns table (
    asin text, first_seen_date date, dates date[], units integer[], is_usual boolean[], cogs_amounts numeric[], cogs_units integer[]
) language sql stable rows 1000 as $$
    with
    account as materialized (
        select a.*, mart.cogs_view_code(a.account_id) as cogs_view_code from ops.account as a where a.account_id = in_account_id
    ),

    published_day as materialized (
        select
            s.business_date,
            exists (
                select 1 from ops.event_calendar as e
                where e.marketplace_code = a.marketplace_code and s.business_date between e.start_date and e.end_date
            ) as is_event
        from account as a
        cross join lateral unnest(mart.published_sales_days(a.account_id)) as s (business_date)
        where s.business_date between from_date - in_days + 1 and to_date
    ),

    dated as materialized (
        select i.asin, min(p.first_seen_date) as first_seen_date
        from unnest(in_asins) as i (asin)
        left join core.product as p on p.account_id = in_account_id and p.asin = i.asin
        group by i.asin
    ),

    -- Publishing keeps the first appearance in core.product; only for ASINs that have none there all reports are looked through.
    first_report as (
        select f.asin, min(f.business_date) as first_report_date
        from (
            select s.asin, s.business_date from core.sales_daily as s where s.account_id = in_account_id
            union all
            select i.asin, i.business_date from core.inventory_daily as i where i.account_id = in_account_id
            union all
            select t.asin, t.business_date from core.traffic_daily as t where t.account_id = in_account_id
        ) as f
        where exists (select 1 from dated as d where d.first_seen_date is null)
            and f.asin in (select d.asin from dated as d where d.first_seen_date is null)
        group by f.asin
    ),

    known_asin as materialized (
        select d.asin, coalesce(d.first_seen_date, r.first_report_date) as first_seen_date, p.promotion_dates
        from dated as d
        left join first_report as r using (asin)
        left join mart.promotion_days(in_account_id, in_asins) as p using (asin)
    ),

    selling_day as (
        select
            k.asin, k.first_seen_date, d.business_date, i.sellable_on_hand_units,
            case when f.asin is null then 0 when a.primary_distributor_view_code = 'SOURCING' then f.shipped_units else f.ordered_units end as units,
            not d.is_event and (k.promotion_dates is null or not d.business_date <@ k.promotion_dates) as is_usual,
            case when c.asin is null then 0 else c.shipped_cogs_amount end as cogs_amount,
            case when c.asin is null then 0 else c.shipped_units end as cogs_units
        from account as a
        cross join known_asin as k
        inner join published_day as d on d.business_date >= k.first_seen_date
        -- offset 0 keeps each of the three one look at the key; joined freely, the planner reads all days of a product for each of its days.
        left join lateral (
            select r.*
            from core.sales_daily as r
            where r.account_id = in_account_id and r.business_date = d.business_date and r.asin = k.asin
                and r.distributor_view_code = a.primary_distributor_view_code
            offset 0
        ) as f on true
        left join lateral (
            select r.*
            from core.sales_daily as r
            where r.account_id = in_account_id and r.business_date = d.business_date and r.asin = k.asin
                and r.distributor_view_code = a.cogs_view_code
            offset 0
        ) as c on true
        left join lateral (
            select r.sellable_on_hand_units
            from core.inventory_daily as r
            where r.account_id = in_account_id and r.business_date = d.business_date and r.asin = k.asin
                and r.distributor_view_code = a.primary_distributor_view_code
            offset 0
        ) as i on true
    )

    select
        s.asin, s.first_seen_date,
        array_agg(s.business_date order by s.business_date) filter (where k.is_in_stock),
        array_agg(s.units order by s.business_date) filter (where k.is_in_stock),
        array_agg(s.is_usual order by s.business_date) filter (where k.is_in_stock),
        array_agg(s.cogs_amount order by s.business_date) filter (where k.is_in_stock),
        array_agg(s.cogs_units order by s.business_date) filter (where k.is_in_stock)
    from selling_day as s
    cross join lateral (select s.units > 0 or (s.units <= 0 and coalesce(s.sellable_on_hand_units > 0, true)) as is_in_stock) as k
    group by s.asin, s.first_seen_date
$$;

-- The same, of 60 days, and of a year for the products to which 60 days do not give 28 usual ones.
create function mart.demand_history(in_account_id text, from_date date, to_date date, in_asins text[])
returns table (asin text, dates date[], units integer[], is_usual boolean[], cogs_amounts numeric[], cogs_units integer[])
language sql stable rows 1000 as $$
    with
    near_asin as materialized (select h.* from mart.in_stock_history(in_account_id, from_date, to_date, 60, in_asins) as h),

    far_asins as materialized (
        select array_agg(i.asin) as asins
        from unnest(in_asins) as i (asin)
        left join near_asin as n using (asin)
        where coalesce(n.first_seen_date < from_date - 59, true) and (
            select count(*) from unnest(n.dates, n.is_usual) as u (business_date, is_usual) where u.is_usual and u.business_date <= from_date
        ) < 28
    )

    select n.asin, n.dates, n.units, n.is_usual, n.cogs_amounts, n.cogs_units
    from near_asin as n
    where n.asin <> all(coalesce((select f.asins from far_asins as f), '{}'))
    union all
    select h.asin, h.dates, h.units, h.is_usual, h.cogs_amounts, h.cogs_units
    from far_asins as f
    cross join lateral mart.in_stock_history(in_account_id, from_date, to_date, 365, f.asins) as h
    where f.asins is not null
$$;

-- One row: what the demand days of in_date say (mart.demand_days says which they are), of a product's days in stock as parallel arrays. Units
-- below 0 count as 0. Trend days are those from trend_date on; special days those of events and promotions; unit_cogs is null unless above 0.
create function mart.demand_figures(
    in_date date, trend_date date, in_dates date[], in_units integer[], in_usual boolean[], in_cogs_amounts numeric[], in_cogs_units integer[]
) returns table (
    day_count bigint, units numeric, unit_variance numeric, trend_day_count bigint, trend_units numeric, special_day_count bigint, unit_cogs numeric
) language sql immutable as $$
    with
    in_stock_day as materialized (
        select u.*
        from unnest(in_dates, in_units, in_usual, in_cogs_amounts, in_cogs_units) as u (business_date, units, is_usual, cogs_amount, cogs_units)
        where u.business_date between in_date - 364 and in_date
    ),

    demand_day as (
        select d.*
        from in_stock_day as d
        where d.is_usual or (select count(*) filter (where i.is_usual) < 7 from in_stock_day as i)
        order by d.business_date desc
        limit 28
    )

    select
        count(*), sum(greatest(d.units, 0))::numeric, var_samp(greatest(d.units, 0)),
        count(*) filter (where d.business_date >= trend_date), (sum(greatest(d.units, 0)) filter (where d.business_date >= trend_date))::numeric,
        count(*) filter (where not d.is_usual),
        nullif(greatest(
            sum(d.cogs_amount) filter (where d.cogs_units is not null)
            / nullif(greatest(sum(d.cogs_units) filter (where d.cogs_amount is not null), 0), 0), 0
        ), 0)
    from demand_day as d
$$;

-- How many of in_units are expected to stay unsold where demand has the mean in_mu and the deviation in_sigma, sales below 0 left out: L(in_units)
-- less L(0) with the normal loss L(q) = sigma * (z * Phi(z) + phi(z)), z = (q - mu) / sigma. At least 0. exp is kept from an underflow, which
-- Postgres takes for an error; erf is there from Postgres 16 on.
create function mart.expected_unsold_units(in_units numeric, in_mu numeric, in_sigma numeric) returns double precision language sql immutable as $$
    select case
        when in_sigma = 0 then (greatest(in_units - in_mu, 0) - greatest(-in_mu, 0))::double precision
        else greatest(
            in_sigma * (
                of_units.z * (1 + erf(of_units.z / sqrt(2))) / 2 + exp(greatest(-of_units.z * of_units.z / 2, -700)) / sqrt(2 * pi())
                - of_none.z * (1 + erf(of_none.z / sqrt(2))) / 2 - exp(greatest(-of_none.z * of_none.z / 2, -700)) / sqrt(2 * pi())
            ), 0
        )
    end
    from (select ((in_units - in_mu) / nullif(in_sigma, 0))::double precision as z) as of_units
    cross join (select (-in_mu / nullif(in_sigma, 0))::double precision as z) as of_none
    where in_units is not null
$$;

-- One row: what the client says of a product on a day. Costs and packs of 0 or less are none; all null without a row that holds.
create function mart.product_on(in_account_id text, in_asin text, in_date date)
returns table (unit_cost numeric, pack_units integer, case_pack_units integer, client_stock_units integer, lifecycle_code text)
language sql stable as $$
    select
        (array_agg(case when p.unit_cost_amount > 0 then p.unit_cost_amount end order by p.valid_from_date desc))[1],
        (array_agg(case when p.pack_units > 0 then p.pack_units end order by p.valid_from_date desc))[1],
        (array_agg(case when p.case_pack_units > 0 then p.case_pack_units end order by p.valid_from_date desc))[1],
        (array_agg(p.client_stock_units order by p.valid_from_date desc))[1],
        (array_agg(p.lifecycle_code order by p.valid_from_date desc))[1]
    from core.product as p
    where p.account_id = in_account_id and p.asin = in_asin and p.valid_from_date <= in_date
$$;

-- One row: what the newest of the account's forecast generations, at most 28 days old on in_date, says of a product from from_date to to_date.
-- units: the sum of its means; p90_units: that of its p90; null unless every day is named. first_units: that of the first in_first_days days,
-- earlier_units: that of the days from in_date + 1 to from_date - 1. All null unless every day from in_date + 1 to to_date is named.
create function mart.window_forecast(
    in_account_id text, in_asin text, in_date date, from_date date, to_date date, in_first_days integer, in_generations date[]
) returns table (next_day_units numeric, earlier_units numeric, first_units numeric, units numeric, p90_units numeric) language sql stable as $$
    select
        mart.forecast_units(in_date + 1, in_date + 1, w.week_starts, w.means),
        case
            when not k.is_named then null when from_date = in_date + 1 then 0
            else mart.forecast_units(in_date + 1, from_date - 1, w.week_starts, w.means)
        end,
        case when k.is_named then mart.forecast_units(from_date, from_date + in_first_days - 1, w.week_starts, w.means) end,
        case when k.is_named then mart.forecast_units(from_date, to_date, w.week_starts, w.means) end,
        case when k.is_named then mart.forecast_units(from_date, to_date, w.p90_week_starts, w.p90s) end
    from (
        select
            array_agg(f.week_start_date order by f.week_start_date) filter (where f.mean_units is not null) as week_starts,
            array_agg(f.mean_units order by f.week_start_date) filter (where f.mean_units is not null) as means,
            array_agg(f.week_start_date order by f.week_start_date) filter (where f.p90_units is not null) as p90_week_starts,
            array_agg(f.p90_units order by f.week_start_date) filter (where f.p90_units is not null) as p90s
        from core.forecast_weekly as f
        where f.account_id = in_account_id and f.asin = in_asin and f.week_start_date > in_date - 6 and f.week_start_date <= to_date
            and f.generation_date = mart.newest_within(29, in_date, in_generations, in_generations)
    ) as w
    cross join lateral (select mart.forecast_units(in_date + 1, to_date, w.week_starts, w.means) is not null as is_named) as k
$$;

-- Whether a person said that Amazon does not invite the product, or any of the account, to Born to Run, and nobody agreed later.
create function mart.is_not_invited(in_account_id text, in_asin text, end_at timestamptz) returns boolean language sql stable as $$
    select exists (
        select 1
        from ops.control_action as n
        where n.account_id = in_account_id and n.action_code = 'not_invited' and n.acted_at < end_at and coalesce(n.asin = in_asin, true)
            and not exists (
                select 1 from ops.control_action as y
                where y.account_id = in_account_id and y.control_id = n.control_id and y.action_code = 'agreed'
                    and y.acted_at > n.acted_at and y.acted_at < end_at
            )
    )
$$;

-- Whether the newest offer snapshot from begin_at to before end_at gives the Buy Box to another seller below our price.
create function mart.is_undercut(in_account_id text, in_asin text, begin_at timestamptz, end_at timestamptz) returns boolean
language sql stable as $$
    select s.owner_code = 'other' and s.winner_price_amount > 0 and s.winner_price_amount < s.our_price_amount
    from core.offer_snapshot as s
    where s.account_id = in_account_id and s.asin = in_asin and s.observed_at >= begin_at and s.observed_at < end_at
    order by s.observed_at desc
    limit 1
$$;

-- Whether Amazon orders the product no more, by the newest replenishment category that its page told within 28 days; null without one.
create function mart.is_obsolete(in_account_id text, in_asin text, in_date date) returns boolean language sql stable as $$
    select c.replenishment_category_code in ('OBSOLETE', 'NON_REPLENISHABLE', 'MANUFACTURER_OUT_OF_STOCK')
    from core.content_snapshot as c
    where c.account_id = in_account_id and c.asin = in_asin and c.observed_date between in_date - 27 and in_date
        and c.replenishment_category_code is not null
    order by c.observed_date desc
    limit 1
$$;
