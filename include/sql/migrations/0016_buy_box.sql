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
    funding_per_unit_amount numeric,
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

-- The lost looks of an account, a small part of all.
create index offer_snapshot_lost on core.offer_snapshot (account_id, observed_at) where owner_code not in ('amazon', 'own');

-- Why a look that shows the Buy Box lost shows it lost. in_on_hand_units is the stock of its day, null when unknown.
create function mart.buy_box_cause_code(
    in_owner_code text, in_has_amazon_offer boolean, in_our_price numeric, in_winner_price numeric, in_on_hand_units integer
) returns text language sql immutable as $$
    select case
        when in_owner_code = 'suppressed' then 'suppressed'
        when not in_has_amazon_offer and in_our_price is null and in_on_hand_units <= 0 then 'out_of_stock'
        when in_owner_code = 'none' then 'no_offer'
        when not in_has_amazon_offer and in_our_price is null then 'offer_missing'
        when in_winner_price < in_our_price then 'undercut'
        else 'not_price'
    end
$$;

-- The most frequent of these causes; of equals the one that can be acted on first. Null of none.
create function mart.main_buy_box_cause_code(in_causes text[]) returns text language sql immutable as $$
    select c.cause_code
    from unnest(in_causes) as c (cause_code)
    group by c.cause_code
    order by
        count(*) desc,
        array_position(array['undercut', 'out_of_stock', 'suppressed', 'offer_missing', 'no_offer', 'not_price'], c.cause_code)
    limit 1
$$;

-- The stock of an ASIN on in_date as its mart says it, of the day before while in_date has no row; null when neither knows.
create function mart.on_hand_units(in_account_id text, in_asin text, in_date date) returns integer language sql stable as $$
    select s.sellable_on_hand_units
    from mart.stock_coverage_daily as s
    where s.account_id = in_account_id and s.asin = in_asin and s.business_date in (in_date, in_date - 1)
    order by s.business_date desc
    limit 1
$$;

-- Whether an ASIN is one of the account's products and no watched competitor: what a report names has its row in core.product.
create function mart.is_own_asin(in_account_id text, in_asin text) returns boolean language sql stable as $$
    select exists (select 1 from core.product as p where p.account_id = in_account_id and p.asin = in_asin)
        or exists (select 1 from core.forecast_weekly as f where f.account_id = in_account_id and f.asin = in_asin)
$$;

-- The first look of in_account_id at or after in_at that shows the Buy Box of an ASIN ours, and the last one before in_at.
create function mart.next_own_look_at(in_account_id text, in_asin text, in_at timestamptz) returns timestamptz language sql stable as $$
    select s.observed_at from core.offer_snapshot as s
    where s.account_id = in_account_id and s.asin = in_asin and s.observed_at >= in_at and s.owner_code in ('amazon', 'own')
    order by s.observed_at
    limit 1
$$;

create function mart.last_own_look_at(in_account_id text, in_asin text, in_at timestamptz) returns timestamptz language sql stable as $$
    select s.observed_at from core.offer_snapshot as s
    where s.account_id = in_account_id and s.asin = in_asin and s.observed_at < in_at and s.owner_code in ('amazon', 'own')
    order by s.observed_at desc
    limit 1
$$;

-- Every unbroken run of lost looks of an ASIN that began after the last own look before in_from_at and before in_to_at, whenever it ended.
-- closed_at: the own look that ended it, null while it is lost. widest_gap: between neighbouring looks, from the one before it began to the one
-- that ended it, or to in_newest_at while it is lost. winner_…, our_price_amount: of the look with which it began.
create function mart.lost_runs(
    in_account_id text, in_asin text, in_from_at timestamptz, in_to_at timestamptz, in_newest_at timestamptz,
    in_time_zone text, in_confirming interval
) returns table (
    opened_at timestamptz, confirmed_at timestamptz, last_lost_at timestamptz, closed_at timestamptz, lost_snapshots integer, causes text[],
    widest_gap interval, winner_seller_id text, winner_price_amount numeric, our_price_amount numeric
) language sql stable rows 3 as $$
    with
    look as materialized (
        select
            s.*, s.owner_code not in ('amazon', 'own') as is_lost,
            count(*) filter (where s.owner_code in ('amazon', 'own')) over passed as run_number,
            s.observed_at - lag(s.observed_at) over passed as gap,
            lead(s.observed_at) over passed as next_at
        from core.offer_snapshot as s
        where s.account_id = in_account_id and s.asin = in_asin
            and s.observed_at >= coalesce(mart.last_own_look_at(in_account_id, in_asin, in_from_at), '-infinity')
            and s.observed_at <= coalesce(mart.next_own_look_at(in_account_id, in_asin, in_to_at), 'infinity')
        window passed as (order by s.observed_at)
    ),

    lost_look as (
        select
            l.*, min(l.observed_at) over (partition by l.run_number) as run_opened_at,
            case when l.owner_code <> 'suppressed' and not l.has_amazon_offer and l.our_price_amount is null
                then mart.on_hand_units(in_account_id, in_asin, (l.observed_at at time zone in_time_zone)::date) end as on_hand_units
        from look as l
        where l.is_lost
    )

    select
        min(l.observed_at),
        min(l.observed_at) filter (where l.observed_at >= l.run_opened_at + in_confirming and l.observed_at > l.run_opened_at),
        max(l.observed_at),
        case when bool_and(l.next_at is not null) then max(l.next_at) end,
        count(*)::integer,
        array_agg(mart.buy_box_cause_code(l.owner_code, l.has_amazon_offer, l.our_price_amount, l.winner_price_amount, l.on_hand_units)),
        greatest(max(l.gap), max(coalesce(l.next_at, in_newest_at) - l.observed_at)),
        (array_agg(l.winner_seller_id order by l.observed_at))[1],
        (array_agg(l.winner_price_amount order by l.observed_at))[1],
        (array_agg(l.our_price_amount order by l.observed_at))[1]
    from lost_look as l
    group by l.run_number
    having min(l.observed_at) < in_to_at
$$;
