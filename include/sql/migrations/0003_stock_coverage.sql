-- The first mart, its candidate, and the function that publishes any mart's candidate.

create table mart.stock_coverage_daily (
    account_id text not null,
    business_date date not null,
    asin text not null,
    currency_code text not null,
    demand_units_per_day numeric,
    demand_basis_code text not null check (demand_basis_code in ('trailing', 'last_in_stock', 'forecast', 'none')),
    demand_day_count integer not null,
    trend_ratio numeric,
    expected_units_per_day numeric,
    units_30d bigint,
    units_previous_30d bigint,
    units_same_30d_last_year bigint,
    on_hand_30d_ago_units integer,
    stock_to_month_ratio numeric,
    sellable_on_hand_units integer,
    stock_source_code text check (stock_source_code in ('vendor_report', 'real_time', 'stale_report')),
    stock_as_of_at timestamptz,
    incoming_units bigint,
    days_of_cover numeric,
    days_of_cover_forecast numeric,
    days_of_cover_with_incoming numeric,
    lead_time_days numeric not null,
    projected_stockout_date date,
    stock_status_code text not null check (
        stock_status_code in (
            'unknown', 'inactive', 'low_local_stock', 'unconfirmed', 'out_of_stock', 'dead_stock', 'critical', 'low', 'overstock', 'healthy'
        )
    ),
    supply_cause_code text check (
        supply_cause_code in (
            'unknown', 'po_unconfirmed', 'po_rejected', 'po_overdue', 'demand_surge', 'incoming_covers', 'no_po', 'none'
        )
    ),
    excess_units bigint,
    excess_cost_amount numeric,
    revenue_at_risk_amount numeric,
    average_selling_price_amount numeric,
    data_status_code text not null check (data_status_code in ('missing', 'provisional', 'published', 'settled')),
    built_at timestamptz not null,
    primary key (account_id, business_date, asin)
) partition by range (business_date);

create unlogged table candidate.stock_coverage_daily (
    build_id bigint not null,
    like mart.stock_coverage_daily,
    primary key (build_id, account_id, business_date, asin)
);
alter table candidate.stock_coverage_daily drop column built_at;

-- Publishes one gated build: its account and days in the mart become the candidate rows. Rows that do not differ are not touched,
-- so that building the same facts again changes nothing and built_at says since when a row has stood as it stands.
create function ops.publish_build(in_account_id text, in_build_id bigint)
returns table (inserted_row_count integer, updated_row_count integer, removed_row_count integer) language plpgsql as $$
declare
    this ops.build;
    mart_table regclass;
    candidate_table regclass;
    key_columns text [];
    value_columns text [];
    same_key text;
    merged integer;
begin
    select b.* into this from ops.build as b where b.account_id = in_account_id and b.build_id = in_build_id for update;
    if this.build_id is null or this.status_code <> 'gated' then
        raise exception 'build % of % is %, only a build that passed its gate can be published',
            in_build_id, in_account_id, coalesce(this.status_code, 'not there');
    end if;
    perform pg_advisory_xact_lock(hashtextextended('mart|' || in_account_id || '|' || this.mart_code, 0));
    mart_table := format('mart.%I', this.mart_code)::regclass;
    candidate_table := format('candidate.%I', this.mart_code)::regclass;
    perform ops.make_partitions(mart_table, this.from_date, this.to_date);
    select array_agg(a.attname::text order by a.attnum) into key_columns
    from pg_index as i
    inner join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
    where i.indrelid = mart_table and i.indisprimary;
    select array_agg(a.attname::text order by a.attnum) into value_columns
    from pg_attribute as a
    where a.attrelid = mart_table and a.attnum > 0 and not a.attisdropped
        and a.attname <> all(key_columns) and a.attname <> 'built_at';
    select string_agg(format('m.%1$I = c.%1$I', k), ' and ') into same_key from unnest(key_columns) as k;
    execute format(
        'delete from %s as m where m.account_id = $1 and m.business_date between $2 and $3 '
        'and not exists (select 1 from %s as c where c.build_id = $4 and %s)', mart_table, candidate_table, same_key
    ) using in_account_id, this.from_date, this.to_date, in_build_id;
    get diagnostics removed_row_count = row_count;
    execute format(
        'select count(*) from %s as m inner join %s as c on %s and c.build_id = $4 '
        'where m.account_id = $1 and m.business_date between $2 and $3 and (%s) is distinct from (%s)', mart_table, candidate_table, same_key,
        (select string_agg(format('m.%I', v), ', ') from unnest(value_columns) as v),
        (select string_agg(format('c.%I', v), ', ') from unnest(value_columns) as v)
    ) into updated_row_count using in_account_id, this.from_date, this.to_date, in_build_id;
    execute format(
        'merge into %1$s as m using (select * from %2$s as s where s.build_id = $1) as c on %3$s '
        'when matched and (%4$s) is distinct from (%5$s) then update set %6$s, built_at = $2 '
        'when not matched then insert (%7$s, built_at) values (%8$s, $2)',
        mart_table, candidate_table, same_key,
        (select string_agg(format('m.%I', v), ', ') from unnest(value_columns) as v),
        (select string_agg(format('c.%I', v), ', ') from unnest(value_columns) as v),
        (select string_agg(format('%1$I = c.%1$I', v), ', ') from unnest(value_columns) as v),
        (select string_agg(format('%I', v), ', ') from unnest(key_columns || value_columns) as v),
        (select string_agg(format('c.%I', v), ', ') from unnest(key_columns || value_columns) as v)
    ) using in_build_id, this.built_at;
    get diagnostics merged = row_count;
    inserted_row_count := merged - updated_row_count;
    execute format('delete from %s as c where c.build_id = $1', candidate_table) using in_build_id;
    update ops.build as b set
        status_code = 'published',
        inserted_row_count = publish_build.inserted_row_count,
        updated_row_count = publish_build.updated_row_count,
        removed_row_count = publish_build.removed_row_count,
        published_at = clock_timestamp()
    where b.account_id = in_account_id and b.build_id = in_build_id;
    return next;
end $$;
