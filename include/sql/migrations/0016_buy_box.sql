-- The Buy Box: what was held week by week, each loss with its clock, and what it would cost to win it back.

create table mart.buy_box_weekly (
    account_id text not null,
    week_start_date date not null,
    asin text not null,
    week_end_date date not null,
    currency_code text not null,
    observed_snapshots integer not null,
    observed_days integer not null,
    coverage_ratio numeric not null,
    is_sufficient boolean not null,
    observation_code text not null check (observation_code in ('sufficient', 'insufficient', 'not_observable')),
    ownership_ratio numeric,
    amazon_ratio numeric,
    other_ratio numeric,
    suppressed_ratio numeric,
    none_ratio numeric,
    top_other_seller_id text,
    top_other_seller_ratio numeric,
    median_winner_price_amount numeric,
    median_own_price_amount numeric,
    loss_cause_code text check (
        loss_cause_code in ('undercut', 'out_of_stock', 'suppressed', 'offer_missing', 'no_offer', 'not_price')
    ),
    official_lost_ratio numeric,
    headline_ratio numeric,
    branch_code text not null check (branch_code in ('ours', 'ours_unproven', 'not_ours', 'unknown')),
    branch_driver_code text check (branch_driver_code in ('traffic', 'buy_box', 'conversion', 'price', 'new', 'gone')),
    baseline_revenue_amount numeric,
    lost_revenue_amount numeric,
    data_status_code text not null check (data_status_code in ('missing', 'provisional', 'published', 'settled')),
    built_at timestamptz not null,
    primary key (account_id, week_start_date, asin)
) partition by range (week_start_date);

create unlogged table candidate.buy_box_weekly (
    build_id bigint not null,
    like mart.buy_box_weekly,
    primary key (build_id, account_id, week_start_date, asin)
);
alter table candidate.buy_box_weekly drop column built_at;

create table mart.buy_box_incident (
    account_id text not null,
    asin text not null,
    opened_at timestamptz not null,
    opened_date date not null,
    currency_code text not null,
    confirmed_at timestamptz,
    cause_code text not null check (
        cause_code in ('undercut', 'out_of_stock', 'suppressed', 'offer_missing', 'no_offer', 'not_price')
    ),
    winner_seller_id text,
    is_winner_fulfilled_by_amazon boolean,
    winner_price_amount numeric,
    our_price_amount numeric,
    lost_snapshots integer not null,
    last_lost_at timestamptz not null,
    closed_at timestamptz,
    hours_open numeric not null,
    hours_open_at_least numeric not null,
    target_at timestamptz not null,
    is_breached boolean not null,
    is_censored boolean not null,
    baseline_revenue_amount numeric,
    lost_revenue_amount numeric,
    reopened_count integer not null,
    data_status_code text not null check (data_status_code in ('provisional', 'published', 'settled')),
    built_at timestamptz not null,
    primary key (account_id, asin, opened_at)
) partition by range (opened_at);

create unlogged table candidate.buy_box_incident (
    build_id bigint not null,
    like mart.buy_box_incident,
    primary key (build_id, account_id, asin, opened_at)
);
alter table candidate.buy_box_incident drop column built_at;
create index buy_box_incident_opened on mart.buy_box_incident (account_id, opened_date);

create table mart.buy_box_recovery (
    account_id text not null,
    asin text not null,
    opened_at timestamptz not null,
    opened_date date not null,
    control_id text not null,
    currency_code text not null,
    priced_at timestamptz not null,
    our_price_amount numeric not null,
    target_price_amount numeric not null,
    funding_per_unit_amount numeric not null,
    units_14d numeric,
    budget_14d_amount numeric,
    joint_price_amount numeric,
    vendor_margin_after_ratio numeric,
    advice_code text not null check (advice_code in ('wait', 'trace_supply', 'accept', 'fund_price_discount')),
    approval_code text check (approval_code in ('proposed', 'agreed', 'refused')),
    approval_actor_name text,
    approval_at timestamptz,
    spend_amount numeric,
    retaken_at timestamptz,
    data_status_code text not null check (data_status_code in ('missing', 'provisional', 'published', 'settled')),
    built_at timestamptz not null,
    primary key (account_id, asin, opened_at)
) partition by range (opened_at);

create unlogged table candidate.buy_box_recovery (
    build_id bigint not null,
    like mart.buy_box_recovery,
    primary key (build_id, account_id, asin, opened_at)
);
alter table candidate.buy_box_recovery drop column built_at;
create index buy_box_recovery_opened on mart.buy_box_recovery (account_id, opened_date);
