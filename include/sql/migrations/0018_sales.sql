-- Why sales moved, and whether they moved more than they usually do.

create table mart.sales_driver_daily (
    account_id text not null,
    business_date date not null,
    asin text not null,
    comparison_code text not null check (comparison_code in ('wow', 'vs_4w', 'vs_8w', 'mom', 'yoy')),
    currency_code text not null,
    revenue_amount numeric,
    revenue_before_amount numeric,
    revenue_change_amount numeric,
    has_buy_box_factor boolean not null,
    is_total_views_estimated boolean not null,
    method_code text check (method_code in ('logarithmic_mean', 'shapley', 'new', 'gone')),
    traffic_amount numeric,
    buy_box_amount numeric,
    conversion_amount numeric,
    price_amount numeric,
    new_amount numeric,
    gone_amount numeric,
    sold_units bigint,
    sold_before_units numeric,
    view_count numeric,
    view_before_count numeric,
    total_view_count numeric,
    total_view_before_count numeric,
    in_stock_days integer not null,
    in_stock_before_days integer not null,
    promotion_days integer not null,
    promotion_before_days integer not null,
    event_days integer not null,
    event_before_days integer not null,
    data_status_code text not null check (data_status_code in ('published', 'settled')),
    built_at timestamptz not null,
    primary key (account_id, business_date, asin, comparison_code)
) partition by range (business_date);

create unlogged table candidate.sales_driver_daily (
    build_id bigint not null,
    like mart.sales_driver_daily,
    primary key (build_id, account_id, business_date, asin, comparison_code)
);
alter table candidate.sales_driver_daily drop column built_at;

create table mart.sales_signal_daily (
    account_id text not null,
    business_date date not null,
    asin text not null,
    currency_code text not null,
    revenue_amount numeric,
    window_count integer,
    median_revenue_amount numeric,
    account_change_ratio numeric,
    expected_revenue_amount numeric,
    scale_amount numeric,
    is_drop boolean,
    is_rise boolean,
    drop_opened_date date,
    driver_code text check (driver_code in ('traffic', 'buy_box', 'conversion', 'price', 'gone')),
    driver_amount numeric,
    is_early_drop boolean,
    real_time_units bigint,
    median_real_time_units numeric,
    is_attribution_lost boolean,
    has_high_returns boolean,
    return_28d_units bigint,
    return_28d_ratio numeric,
    return_180d_ratio numeric,
    data_status_code text not null check (data_status_code in ('provisional', 'published', 'settled')),
    built_at timestamptz not null,
    primary key (account_id, business_date, asin)
) partition by range (business_date);

-- Which rows speak of a real-time day: few, and looked for each time that a newer real-time day has come.
create index sales_signal_daily_early on mart.sales_signal_daily (account_id, business_date) where is_early_drop is not null;

create unlogged table candidate.sales_signal_daily (
    build_id bigint not null,
    like mart.sales_signal_daily,
    primary key (build_id, account_id, business_date, asin)
);
alter table candidate.sales_signal_daily drop column built_at;
