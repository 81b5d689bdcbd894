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
        from account as a
        inner join asin_date as n on n.business_date = from_date and n.promotion_dates is not null and n.first_date < a.near_date
        inner join asin_usual as u on u.asin = n.asin
        cross join lateral unnest(u.usual_dates) as d (business_date)
        inner join core.sales_daily as f
            on f.account_id = in_account_id and f.business_date = d.business_date and f.asin = n.asin
                and f.distributor_view_code in (a.primary_distributor_view_code, a.cogs_view_code)
        left join core.margin_daily as m on m.account_id = in_account_id and m.business_date = d.business_date and m.asin = n.asin
        where d.business_date >= n.first_date and d.business_date < a.near_date
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
