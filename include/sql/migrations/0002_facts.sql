-- Facts with history, partitioned by month, and the functions that make partitions and per-load staging tables.

create table core.sales_daily (
    account_id text not null,
    business_date date not null,
    asin text not null,
    distributor_view_code text not null,
    ordered_units integer,
    ordered_revenue_amount numeric,
    shipped_units integer,
    shipped_revenue_amount numeric,
    shipped_cogs_amount numeric,
    customer_return_units integer,
    currency_code text not null,
    load_id bigint not null,
    known_from timestamptz not null,
    primary key (account_id, business_date, asin, distributor_view_code)
) partition by range (business_date);

create table core.inventory_daily (
    account_id text not null,
    business_date date not null,
    asin text not null,
    distributor_view_code text not null,
    sellable_on_hand_units integer,
    sellable_on_hand_cost_amount numeric,
    unsellable_on_hand_units integer,
    unsellable_on_hand_cost_amount numeric,
    aged_90_plus_units integer,
    aged_90_plus_cost_amount numeric,
    unhealthy_units integer,
    unhealthy_cost_amount numeric,
    open_purchase_order_units integer,
    net_received_units integer,
    net_received_cost_amount numeric,
    unfilled_customer_ordered_units integer,
    vendor_confirmation_ratio numeric,
    receive_fill_ratio numeric,
    sell_through_ratio numeric,
    procurable_out_of_stock_ratio numeric,
    average_vendor_lead_time_days numeric,
    currency_code text not null,
    load_id bigint not null,
    known_from timestamptz not null,
    primary key (account_id, business_date, asin, distributor_view_code)
) partition by range (business_date);

create table core.traffic_daily (
    account_id text not null,
    business_date date not null,
    asin text not null,
    glance_views integer,
    load_id bigint not null,
    known_from timestamptz not null,
    primary key (account_id, business_date, asin)
) partition by range (business_date);

create table core.sales_daily_history (
    like core.sales_daily,
    known_to timestamptz not null,
    primary key (account_id, business_date, asin, distributor_view_code, known_from)
) partition by range (business_date);

create table core.inventory_daily_history (
    like core.inventory_daily,
    known_to timestamptz not null,
    primary key (account_id, business_date, asin, distributor_view_code, known_from)
) partition by range (business_date);

create table core.traffic_daily_history (
    like core.traffic_daily,
    known_to timestamptz not null,
    primary key (account_id, business_date, asin, known_from)
) partition by range (business_date);

-- Facts that later sources fill. The marts already read them, so that a new source changes figures and not SQL.
create table core.forecast_weekly (
    account_id text not null,
    generation_date date not null,
    week_start_date date not null,
    asin text not null,
    mean_units numeric,
    p70_units numeric,
    p80_units numeric,
    p90_units numeric,
    load_id bigint not null,
    known_from timestamptz not null,
    primary key (account_id, generation_date, week_start_date, asin)
);

create table core.inventory_hourly (
    account_id text not null,
    hour_start_at timestamptz not null,
    asin text not null,
    highly_available_units integer,
    load_id bigint not null,
    known_from timestamptz not null,
    primary key (account_id, hour_start_at, asin)
);

create table core.offer_snapshot (
    account_id text not null,
    observed_at timestamptz not null,
    asin text not null,
    owner_code text not null check (owner_code in ('amazon', 'own', 'other', 'suppressed', 'none')),
    winner_seller_id text,
    winner_price_amount numeric,
    our_price_amount numeric,
    amazon_price_amount numeric,
    lowest_other_price_amount numeric,
    offer_count integer not null,
    is_split boolean not null,
    has_amazon_offer boolean not null,
    currency_code text not null,
    load_id bigint not null,
    known_from timestamptz not null,
    primary key (account_id, observed_at, asin)
);

create table core.purchase_order_line (
    account_id text not null,
    po_number text not null,
    asin text not null,
    ordered_at timestamptz not null,
    ordered_units integer,
    accepted_units integer,
    rejected_units integer,
    received_units integer,
    net_cost_amount numeric,
    currency_code text,
    confirmation_code text check (confirmation_code in ('unconfirmed', 'accepted', 'partially_accepted', 'rejected')),
    window_start_date date,
    window_end_date date,
    status_code text not null check (status_code in ('open', 'closed', 'cancelled')),
    load_id bigint not null,
    known_from timestamptz not null,
    primary key (account_id, po_number, asin)
);

create table core.promotion (
    account_id text not null,
    promotion_id text not null,
    asin text not null,
    kind_code text not null,
    start_at timestamptz not null,
    end_at timestamptz,
    funding_per_unit_amount numeric,
    units integer,
    spend_amount numeric,
    currency_code text,
    load_id bigint not null,
    known_from timestamptz not null,
    primary key (account_id, promotion_id, asin)
);

create table core.product (
    account_id text not null,
    asin text not null,
    valid_from_date date not null,
    client_sku text,
    ean text,
    name text,
    brand_name text,
    parent_asin text,
    lifecycle_code text not null default 'active' check (lifecycle_code in ('launch', 'active', 'seasonal', 'phase_out', 'discontinued')),
    priority_code text not null default 'B' check (priority_code in ('A', 'B', 'C')),
    unit_cost_amount numeric,
    currency_code text,
    case_pack_units integer,
    client_stock_units integer,
    pack_units integer,
    first_seen_date date,
    primary key (account_id, asin, valid_from_date)
);

-- Makes the monthly partitions of one core or mart table for every month that from_date … to_date touches.
create function ops.make_partitions(in_table regclass, from_date date, to_date date) returns integer language plpgsql as $$
declare
    month_start date := date_trunc('month', from_date)::date;
    partition_name text;
    made integer := 0;
begin
    while month_start <= to_date loop
        partition_name := format('%s_%s', (select c.relname from pg_class as c where c.oid = in_table), to_char(month_start, 'YYYYMM'));
        if to_regclass(format('%s.%I', (select c.relnamespace::regnamespace from pg_class as c where c.oid = in_table), partition_name)) is null then
            -- Two loads may need the same new month at once.
            perform pg_advisory_xact_lock(hashtext('daybreak.partitions'));
            execute format(
                'create table if not exists %s.%I partition of %s for values from (%L) to (%L)',
                (select c.relnamespace::regnamespace from pg_class as c where c.oid = in_table),
                partition_name, in_table, month_start, (month_start + interval '1 month')::date
            );
            made := made + 1;
        end if;
        month_start := (month_start + interval '1 month')::date;
    end loop;
    return made;
end $$;

-- A staging table for one load: the columns of the core table that the document fills, and the row's place in the document.
-- Unlogged: crash recovery empties it, and publish then restages from the landed file.
create function ops.make_staging_table(in_dataset_code text, in_load_id bigint) returns text language plpgsql as $$
declare
    staging_name text := format('%s_%s', in_dataset_code, in_load_id);
    dropped text;
begin
    execute format('drop table if exists staging.%I cascade', staging_name);
    execute format('create unlogged table staging.%I (row_number integer not null, like core.%I)', staging_name, in_dataset_code);
    foreach dropped in array array['account_id', 'load_id', 'known_from'] loop
        execute format('alter table staging.%I drop column %I', staging_name, dropped);
    end loop;
    return format('staging.%I', staging_name);
end $$;

create function ops.drop_staging_table(in_dataset_code text, in_load_id bigint) returns void language plpgsql as $$
begin
    execute format('drop table if exists staging.%I cascade', format('%s_%s', in_dataset_code, in_load_id));
end $$;

-- Lets the static publish.sql of a dataset read one load's staging table under a fixed name, for this transaction's session.
create function ops.bind_staging_table(in_dataset_code text, in_load_id bigint) returns void language plpgsql as $$
begin
    execute format(
        'create or replace temporary view staged_%s as select * from staging.%I',
        in_dataset_code, format('%s_%s', in_dataset_code, in_load_id)
    );
end $$;

-- What the facts said at an instant: the current version if it was known by then, else the version that was.
create function core.sales_daily_as_of(in_at timestamptz) returns setof core.sales_daily language sql stable as $$
    select s.* from core.sales_daily as s where s.known_from <= in_at
    union all
    select
        h.account_id, h.business_date, h.asin, h.distributor_view_code, h.ordered_units, h.ordered_revenue_amount, h.shipped_units,
        h.shipped_revenue_amount, h.shipped_cogs_amount, h.customer_return_units, h.currency_code, h.load_id, h.known_from
    from core.sales_daily_history as h
    where h.known_from <= in_at and h.known_to > in_at
$$;

create function core.inventory_daily_as_of(in_at timestamptz) returns setof core.inventory_daily language sql stable as $$
    select i.* from core.inventory_daily as i where i.known_from <= in_at
    union all
    select
        h.account_id, h.business_date, h.asin, h.distributor_view_code, h.sellable_on_hand_units, h.sellable_on_hand_cost_amount,
        h.unsellable_on_hand_units, h.unsellable_on_hand_cost_amount, h.aged_90_plus_units, h.aged_90_plus_cost_amount, h.unhealthy_units,
        h.unhealthy_cost_amount, h.open_purchase_order_units, h.net_received_units, h.net_received_cost_amount,
        h.unfilled_customer_ordered_units, h.vendor_confirmation_ratio, h.receive_fill_ratio, h.sell_through_ratio,
        h.procurable_out_of_stock_ratio, h.average_vendor_lead_time_days, h.currency_code, h.load_id, h.known_from
    from core.inventory_daily_history as h
    where h.known_from <= in_at and h.known_to > in_at
$$;

create function core.traffic_daily_as_of(in_at timestamptz) returns setof core.traffic_daily language sql stable as $$
    select t.* from core.traffic_daily as t where t.known_from <= in_at
    union all
    select h.account_id, h.business_date, h.asin, h.glance_views, h.load_id, h.known_from
    from core.traffic_daily_history as h
    where h.known_from <= in_at and h.known_to > in_at
$$;

-- A key that stands twice in one document: no row of it is published, each is kept with the reason.
create function ops.quarantine_duplicates(in_account_id text, in_dataset_code text, in_load_id bigint) returns integer
language plpgsql as $$
declare
    staging_name text := format('staging.%I', format('%s_%s', in_dataset_code, in_load_id));
    key_columns text;
    moved integer;
begin
    select string_agg(format('%I', a.attname), ', ' order by a.attnum) into key_columns
    from pg_index as i
    inner join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
    where i.indrelid = format('core.%I', in_dataset_code)::regclass and i.indisprimary and a.attname <> 'account_id';
    execute format(
        'with doubled as (select %1$s from %2$s group by %1$s having count(*) > 1), '
        'gone as (delete from %2$s as s using doubled as d where (%3$s) = (%4$s) returning s.*) '
        'insert into ops.quarantine (account_id, load_id, row_number, business_date, asin, reason, raw_row) '
        'select %5$L, %6$s, g.row_number, g.business_date, g.asin, ''the document holds more than one row for this key'', to_jsonb(g)::text '
        'from gone as g on conflict do nothing',
        key_columns, staging_name,
        (select string_agg('s.' || k, ', ') from unnest(string_to_array(key_columns, ', ')) as k),
        (select string_agg('d.' || k, ', ') from unnest(string_to_array(key_columns, ', ')) as k),
        in_account_id, in_load_id
    );
    get diagnostics moved = row_count;
    return moved;
end $$;

-- Keeps core.product.first_seen_date: the earliest row of an ASIN in sales, inventory or traffic. ASINs that the client has not
-- described are prefilled as active, priority B. Where rows were removed, the date is looked up anew, because it may have moved.
create function core.note_first_seen(in_account_id text, in_dataset_code text, in_days date[], in_rows_removed boolean) returns void
language plpgsql as $$
begin
    execute format(
        'insert into core.product as p (account_id, asin, valid_from_date, first_seen_date) '
        'select f.account_id, f.asin, ''1970-01-01'', min(f.business_date) from core.%I as f '
        'where f.account_id = $1 and f.business_date = any($2) '
        'and not exists (select 1 from core.product as q where q.account_id = f.account_id and q.asin = f.asin) '
        'group by f.account_id, f.asin order by f.asin '
        'on conflict (account_id, asin, valid_from_date) do nothing',
        in_dataset_code
    ) using in_account_id, in_days;
    execute format(
        'update core.product as p set first_seen_date = f.first_date '
        'from (select g.asin, min(g.business_date) as first_date from core.%I as g '
        'where g.account_id = $1 and g.business_date = any($2) group by g.asin) as f '
        'where p.account_id = $1 and p.asin = f.asin and (p.first_seen_date is null or p.first_seen_date > f.first_date)',
        in_dataset_code
    ) using in_account_id, in_days;
    if in_rows_removed then
        update core.product as p
        set first_seen_date = (
            select min(seen.first_date) from (
                select min(s.business_date) as first_date from core.sales_daily as s where s.account_id = p.account_id and s.asin = p.asin
                union all
                select min(i.business_date) from core.inventory_daily as i where i.account_id = p.account_id and i.asin = p.asin
                union all
                select min(t.business_date) from core.traffic_daily as t where t.account_id = p.account_id and t.asin = p.asin
            ) as seen
        )
        where p.account_id = in_account_id and p.first_seen_date = any(in_days);
    end if;
end $$;

-- Rows in a load's staging table; null when there is no such table.
create function ops.count_staged(in_dataset_code text, in_load_id bigint) returns integer language plpgsql as $$
declare
    staging_name text := format('staging.%I', format('%s_%s', in_dataset_code, in_load_id));
    counted integer;
begin
    if to_regclass(staging_name) is null then
        return null;
    end if;
    execute format('select count(*) from %s', staging_name) into counted;
    return counted;
end $$;

-- The sums per day of every additive column (units, amounts) of a load's staging table.
create function ops.sum_staged(in_dataset_code text, in_load_id bigint)
returns table (business_date date, sums jsonb) language plpgsql stable as $$
declare
    staging_table regclass := format('staging.%I', format('%s_%s', in_dataset_code, in_load_id))::regclass;
    pairs text;
begin
    select string_agg(format('%L, sum(s.%I)', a.attname, a.attname), ', ' order by a.attnum) into pairs
    from pg_attribute as a
    where a.attrelid = staging_table and a.attnum > 0 and not a.attisdropped
        and (a.attname like '%\_units' or a.attname like '%\_amount' or a.attname = 'glance_views');
    return query execute format(
        'select s.business_date, jsonb_build_object(%s) from %s as s group by s.business_date', pairs, staging_table
    );
end $$;
