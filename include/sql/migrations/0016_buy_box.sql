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

-- What follows takes weeks by their Sundays, in_week_starts, and reads of in_asins only.

-- The ASINs of an array, as many as a catalogue has: what is unnested in place is planned as ten.
create function mart.each_asin(in_asins text[]) returns setof text language plpgsql immutable rows 20000 as $$
begin
    return query select u.asin from unnest(in_asins) as u (asin);
end $$;

-- The Sunday that begins the week of a day.
create function mart.week_start_date(in_date date) returns date language sql immutable as $$
    select in_date - extract(dow from in_date)::integer
$$;

-- Who held the Buy Box of an ASIN in a week: shares of time as observed (means of the days' shares), the official lost share, and the share that
-- is reported of both. A week of an ASIN without looks and without an official share has no row.
create function mart.buy_box_weeks(in_account_id text, in_week_starts date[], in_asins text[])
returns table (
    asin text, week_start_date date, observed_snapshots integer, observed_days integer, is_sufficient boolean,
    amazon_ratio numeric, own_ratio numeric, other_ratio numeric, suppressed_ratio numeric, none_ratio numeric,
    official_lost_ratio numeric, headline_ratio numeric
) language sql stable rows 100000 as $$
    with
    span as materialized (
        select
            a.account_id, a.time_zone, min(w.week_start_date) as from_date, max(w.week_start_date) + 6 as to_date,
            min(w.week_start_date)::timestamp at time zone a.time_zone as from_at,
            (max(w.week_start_date) + 7)::timestamp at time zone a.time_zone as to_at
        from ops.account as a
        cross join unnest(in_week_starts) as w (week_start_date)
        where a.account_id = in_account_id
        group by a.account_id, a.time_zone
    ),

    -- One day of an ASIN, with its looks by who held the Buy Box.
    look_day as (
        select
            o.asin, (o.observed_at at time zone s.time_zone)::date as business_date, count(*) as looks,
            count(*) filter (where o.owner_code = 'amazon') as amazon_looks, count(*) filter (where o.owner_code = 'own') as own_looks,
            count(*) filter (where o.owner_code = 'other') as other_looks,
            count(*) filter (where o.owner_code = 'suppressed') as suppressed_looks,
            count(*) filter (where o.owner_code = 'none') as none_looks
        from span as s
        inner join core.offer_snapshot as o on o.account_id = s.account_id and o.observed_at >= s.from_at and o.observed_at < s.to_at
        where o.asin in (select mart.each_asin(in_asins))
        group by o.asin, (o.observed_at at time zone s.time_zone)::date
    ),

    observed as (
        select
            d.asin, mart.week_start_date(d.business_date) as week_start_date, sum(d.looks)::integer as looks, count(*)::integer as days,
            avg(d.amazon_looks / d.looks::numeric) as amazon_ratio, avg(d.own_looks / d.looks::numeric) as own_ratio,
            avg(d.other_looks / d.looks::numeric) as other_ratio, avg(d.suppressed_looks / d.looks::numeric) as suppressed_ratio,
            avg(d.none_looks / d.looks::numeric) as none_ratio
        from look_day as d
        where mart.week_start_date(d.business_date) = any(in_week_starts)
        group by d.asin, mart.week_start_date(d.business_date)
    ),

    -- A day on which every view was lost has the mean total of the other days: their sum is taken days / other days times.
    official as (
        select
            f.asin, mart.week_start_date(f.business_date) as week_start_date,
            case
                when bool_and(f.lost_featured_offer_ratio = 1) then 1
                when bool_and(f.lost_featured_offer_ratio = 1 or f.glance_views is not null) then 1
                    - sum(f.glance_views) filter (where f.lost_featured_offer_ratio < 1) * count(*) filter (where f.lost_featured_offer_ratio < 1)
                    / nullif(
                        sum(f.glance_views / (1 - nullif(f.lost_featured_offer_ratio, 1))) filter (where f.lost_featured_offer_ratio < 1)
                        * count(*), 0
                    )
            end as lost_ratio
        from span as s
        inner join core.featured_offer_loss_daily as f
            on f.account_id = s.account_id and f.business_date between s.from_date and s.to_date
        where f.lost_featured_offer_ratio is not null and f.asin in (select mart.each_asin(in_asins))
            and mart.week_start_date(f.business_date) = any(in_week_starts)
        group by f.asin, mart.week_start_date(f.business_date)
    )

    select
        asin, week_start_date, coalesce(o.looks, 0), coalesce(o.days, 0), k.is_sufficient,
        o.amazon_ratio, o.own_ratio, o.other_ratio, o.suppressed_ratio, o.none_ratio, f.lost_ratio,
        case
            when f.lost_ratio is not null then least(1, 1 - f.lost_ratio + case when k.is_sufficient then o.own_ratio else 0 end)
            when k.is_sufficient then o.amazon_ratio + o.own_ratio
        end
    from observed as o
    full join official as f using (asin, week_start_date)
    cross join lateral (select coalesce(o.looks >= 7 and o.days >= 4, false) as is_sufficient) as k
$$;

-- What an ASIN sold in each of the weeks, which must be wholly published: 0 without a row, null where a row does not say it; and whether it was in
-- stock on every day. In the account's primary view, ordered where that is MANUFACTURING, shipped where it is SOURCING.
create function mart.sold_weeks(in_account_id text, in_week_starts date[], in_asins text[])
returns table (asin text, week_start_date date, revenue_amount numeric, is_in_stock boolean) language sql stable rows 100000 as $$
    with
    account as materialized (
        select a.account_id, a.primary_distributor_view_code as view_code, min(w.week_start_date) as from_date,
            max(w.week_start_date) + 6 as to_date
        from ops.account as a
        cross join unnest(in_week_starts) as w (week_start_date)
        where a.account_id = in_account_id
        group by a.account_id, a.primary_distributor_view_code
    ),

    -- One row of an ASIN and published day.
    sold as materialized (
        select
            f.asin, f.business_date,
            case a.view_code when 'SOURCING' then f.shipped_units else f.ordered_units end as units,
            case a.view_code when 'SOURCING' then f.shipped_revenue_amount else f.ordered_revenue_amount end as amount
        from account as a
        inner join core.sales_daily as f
            on f.account_id = a.account_id and f.distributor_view_code = a.view_code and f.business_date between a.from_date and a.to_date
        where mart.week_start_date(f.business_date) = any(in_week_starts) and f.asin in (select mart.each_asin(in_asins))
    ),

    revenue as (
        select
            s.asin, mart.week_start_date(s.business_date) as week_start_date,
            case when bool_and(s.amount is not null) then sum(s.amount) end as amount, bool_and(s.amount is not null) as is_known
        from sold as s
        group by s.asin, mart.week_start_date(s.business_date)
    ),

    empty_week as (
        select distinct f.asin, mart.week_start_date(f.business_date) as week_start_date
        from account as a
        inner join core.inventory_daily as f
            on f.account_id = a.account_id and f.distributor_view_code = a.view_code and f.business_date between a.from_date and a.to_date
        left join sold as s on s.asin = f.asin and s.business_date = f.business_date
        where f.sellable_on_hand_units <= 0 and not coalesce(s.units > 0, false)
    )

    select asin, week_start_date, case when coalesce(r.is_known, true) then coalesce(r.amount, 0) end, e.asin is null
    from mart.each_asin(in_asins) as a (asin)
    cross join unnest(in_week_starts) as w (week_start_date)
    left join revenue as r using (asin, week_start_date)
    left join empty_week as e using (asin, week_start_date)
$$;

-- The day on which each ASIN first stood in a report: publishing keeps it in core.product; only for others all reports are looked through.
create function mart.first_seen_dates(in_account_id text, in_asins text[]) returns table (asin text, first_seen_date date)
language sql stable rows 20000 as $$
    with
    dated as materialized (
        select p.asin, min(p.first_seen_date) as first_seen_date
        from core.product as p
        where p.account_id = in_account_id and p.first_seen_date is not null and p.asin in (select mart.each_asin(in_asins))
        group by p.asin
    ),

    undated as materialized (
        select a.asin from mart.each_asin(in_asins) as a (asin)
        except
        select d.asin from dated as d
    )

    select d.asin, d.first_seen_date from dated as d
    union all
    select f.asin, min(f.business_date)
    from (
        select s.asin, s.business_date from core.sales_daily as s where s.account_id = in_account_id
        union all
        select i.asin, i.business_date from core.inventory_daily as i where i.account_id = in_account_id
        union all
        select t.asin, t.business_date from core.traffic_daily as t where t.account_id = in_account_id
    ) as f
    where exists (select 1 from undated) and f.asin in (select u.asin from undated as u)
    group by f.asin
$$;

-- The weeks that tell what an ASIN usually sells: in stock all week, with known revenue, not before it first appeared. is_good: the Buy Box was
-- ours, or nobody knows. Weeks must be wholly published and without an event.
create function mart.baseline_weeks(in_account_id text, in_week_starts date[], in_asins text[], in_good_ratio numeric)
returns table (asin text, week_start_date date, revenue_amount numeric, headline_ratio numeric, is_good boolean)
language sql stable rows 100000 as $$
    select
        w.asin, w.week_start_date, w.revenue_amount, h.headline_ratio, coalesce(round(h.headline_ratio, 9) >= in_good_ratio, true)
    from mart.sold_weeks(in_account_id, in_week_starts, in_asins) as w
    inner join mart.first_seen_dates(in_account_id, in_asins) as f on f.asin = w.asin and f.first_seen_date <= w.week_start_date
    left join mart.buy_box_weeks(in_account_id, in_week_starts, in_asins) as h on h.asin = w.asin and h.week_start_date = w.week_start_date
    where w.is_in_stock and w.revenue_amount is not null
$$;

-- How sure the sales and the official loss of the week that ends on in_saturday are; both days published so far, ascending.
create function mart.week_status_code(in_saturday date, in_sales_days date[], in_loss_days date[]) returns text language sql immutable as $$
    select case
        when in_sales_days is null then 'missing'
        when width_bucket(w.to_date, in_sales_days) - width_bucket(w.from_date - 1, in_sales_days) < w.to_date - w.from_date + 1 then 'missing'
        when n.sales_date < in_saturday then 'provisional'
        when n.loss_date > in_saturday - 28 and n.loss_date < in_saturday then 'provisional'
        when in_saturday > n.sales_date - 15 then 'published'
        else 'settled'
    end
    from (select in_sales_days[cardinality(in_sales_days)] as sales_date, in_loss_days[cardinality(in_loss_days)] as loss_date) as n
    cross join lateral (select greatest(in_saturday - 6, in_sales_days[1]) as from_date, least(in_saturday, n.sales_date) as to_date) as w
$$;

-- At which prices the looks of each week found an ASIN, why it was lost in them, and which other seller held it longest. Weeks with looks only.
create function mart.look_weeks(in_account_id text, in_first_week date, in_last_week date, in_asins text[])
returns table (
    asin text, week_start_date date, median_winner_price_amount numeric, median_own_price_amount numeric, loss_cause_code text,
    top_other_seller_id text, top_other_seller_ratio numeric
) language sql stable rows 20000 as $$
    with
    look as materialized (
        select o.*, d.business_date, mart.week_start_date(d.business_date) as week_start_date
        from ops.account as a
        inner join core.offer_snapshot as o on o.account_id = a.account_id
            and o.observed_at >= in_first_week::timestamp at time zone a.time_zone
            and o.observed_at < (in_last_week + 7)::timestamp at time zone a.time_zone
        cross join lateral (select (o.observed_at at time zone a.time_zone)::date as business_date) as d
        where a.account_id = in_account_id and o.asin in (select mart.each_asin(in_asins))
    ),

    price as (
        select
            l.asin, l.week_start_date,
            percentile_disc(0.5) within group (order by l.winner_price_amount) as winner_low,
            percentile_disc(0.5) within group (order by l.winner_price_amount desc) filter (where l.winner_price_amount is not null) as winner_high,
            percentile_disc(0.5) within group (order by l.our_price_amount) as own_low,
            percentile_disc(0.5) within group (order by l.our_price_amount desc) filter (where l.our_price_amount is not null) as own_high
        from look as l
        group by l.asin, l.week_start_date
    ),

    loss as (
        select
            l.asin, l.week_start_date,
            mart.main_buy_box_cause_code(array_agg(mart.buy_box_cause_code(
                l.owner_code, l.has_amazon_offer, l.our_price_amount, l.winner_price_amount,
                case when l.owner_code <> 'suppressed' and not l.has_amazon_offer and l.our_price_amount is null
                    then mart.on_hand_units(in_account_id, l.asin, l.business_date) end
            ))) as cause_code
        from look as l
        where l.owner_code not in ('amazon', 'own')
        group by l.asin, l.week_start_date
    ),

    -- The looks of each day on which another seller was seen, and those of each such seller.
    look_day as (
        select l.asin, l.week_start_date, l.business_date, count(*) as looks
        from look as l
        group by l.asin, l.week_start_date, l.business_date
    ),

    seller_day as (
        select l.asin, l.business_date, l.winner_seller_id, count(*) as looks
        from look as l
        where l.owner_code = 'other' and l.winner_seller_id is not null
        group by l.asin, l.business_date, l.winner_seller_id
    ),

    seller as (
        select distinct on (d.asin, d.week_start_date) d.asin, d.week_start_date, s.winner_seller_id, sum(s.looks / d.looks::numeric) as days
        from seller_day as s
        inner join look_day as d on d.asin = s.asin and d.business_date = s.business_date
        group by d.asin, d.week_start_date, s.winner_seller_id
        order by d.asin, d.week_start_date, round(sum(s.looks / d.looks::numeric), 9) desc, s.winner_seller_id collate "C"
    ),

    observed as (select d.asin, d.week_start_date, count(*) as days from look_day as d group by d.asin, d.week_start_date)

    select
        asin, week_start_date, (p.winner_low + p.winner_high) / 2, (p.own_low + p.own_high) / 2, l.cause_code,
        s.winner_seller_id, s.days / o.days
    from price as p
    inner join observed as o using (asin, week_start_date)
    left join loss as l using (asin, week_start_date)
    left join seller as s using (asin, week_start_date)
$$;

-- Whether an action on a control is about an incident that opened then: it answers the product's Buy Box control, and was taken while the incident
-- was the product's newest.
create function mart.answers_incident(
    in_control_id text, in_acted_at timestamptz, in_account_id text, in_asin text, in_opened_at timestamptz
) returns boolean language sql stable as $$
    select starts_with(in_control_id, concat_ws(':', in_account_id, 'buy_box', in_asin, '')) and in_acted_at >= in_opened_at
        and not exists (
            select from mart.buy_box_incident as n
            where n.account_id = in_account_id and n.asin = in_asin and n.opened_at > in_opened_at and n.opened_at <= in_acted_at
                and n.confirmed_at is not null
        )
$$;

-- The worst of what was used; missing where one of it is not there.
create function mart.worst_status_code(in_statuses text[]) returns text language sql immutable as $$
    select coalesce(
        (array['missing', 'provisional', 'published', 'settled'])[
            min(coalesce(array_position(array['missing', 'provisional', 'published', 'settled'], s.status_code), 1))
        ], 'missing'
    )
    from unnest(in_statuses) as s (status_code)
$$;
