-- What price and Born to Run say of each product and day, and what the marts need to know of an account and of what people said.

-- VAT as a ratio of the price without it, and who sells for Amazon and for the brand; from the accounts file, when it is copied next.
alter table ops.account add column if not exists vat_ratio numeric check (vat_ratio >= 0);
alter table ops.account add column if not exists amazon_seller_ids text [] not null default '{}';
alter table ops.account add column if not exists own_seller_ids text [] not null default '{}';

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
