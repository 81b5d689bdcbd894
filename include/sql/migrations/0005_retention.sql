-- What is kept and for how long: partitions for every table that grows, made ahead and dropped by the month; days, documents and
-- judgements that have run out; and what a load must remember to be carried on by another process.

-- Which period the rows of a load's document span: a process that finds the load landed must read it as it was asked for.
alter table ops.load add column report_period_code text not null default 'DAY' check (report_period_code in ('DAY', 'WEEK'));

-- When retention removed the landed file; the row stays, so that a figure can still be walked back to what the file was.
alter table ops.document add column expired_at timestamptz;
create index document_path on ops.document (path);
create index document_unexpired on ops.document (received_at) where expired_at is null;

create index load_document on ops.load (account_id, document_id);

-- expired: the day was published and its figures were removed when they had been kept long enough.
alter table ops.slice drop constraint slice_status_code_check;
alter table ops.slice add constraint slice_status_code_check check (status_code in ('published', 'no_data', 'expired'));

-- A restatement that its gate holds back is looked for by its series.
create index load_blocked on ops.load (account_id, dataset_code, variant_code) where status_code = 'blocked';
create index gate_result_judged on ops.gate_result (judged_at);
create index quarantine_quarantined on ops.quarantine (quarantined_at);

-- As before, and the same whatever the session's time zone is: the bounds of a table that is partitioned by instants are UTC.
create or replace function ops.make_partitions(in_table regclass, from_date date, to_date date) returns integer
language plpgsql set timezone to 'UTC' as $$
declare
    month_start date := date_trunc('month', from_date)::date;
    schema_name text;
    table_name text;
    partition_name text;
    made integer := 0;
begin
    select n.nspname, c.relname into schema_name, table_name
    from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace where c.oid = in_table;
    while month_start <= to_date loop
        partition_name := format('%s_%s', table_name, to_char(month_start, 'YYYYMM'));
        if to_regclass(format('%I.%I', schema_name, partition_name)) is null then
            -- Two loads may need the same new month at once.
            perform pg_advisory_xact_lock(hashtext('daybreak.partitions'));
            execute format(
                'create table if not exists %I.%I partition of %s for values from (%L) to (%L)',
                schema_name, partition_name, in_table, month_start, (month_start + interval '1 month')::date
            );
            made := made + 1;
        end if;
        month_start := (month_start + interval '1 month')::date;
    end loop;
    return made;
end $$;

-- The monthly partitions of one table with the day after each one's last, oldest first.
create function ops.list_partitions(in_table regclass)
returns table (partition_name text, end_date date) language sql stable set timezone to 'UTC' as $$
    select
        c.oid::regclass::text,
        ((regexp_match(pg_get_expr(c.relpartbound, c.oid), $re$TO \('([^']+)'\)$re$))[1]::timestamptz)::date
    from pg_inherits as i
    inner join pg_class as c on c.oid = i.inhrelid
    where i.inhparent = in_table and c.relispartition
    order by 2
$$;

-- Makes the months of one table from on_date to ahead_to, and drops the partitions of it, and of no other, of which every day lies before
-- keep_from. It gives way: where a reader holds the table for longer than ten seconds it raises lock_not_available and changes nothing.
create function ops.keep_months(in_table regclass, on_date date, ahead_to date, keep_from date)
returns table (made_count integer, dropped_names text[]) language plpgsql set lock_timeout to '10s' as $$
declare
    expired record;
begin
    made_count := ops.make_partitions(in_table, on_date, ahead_to);
    dropped_names := '{}';
    for expired in select p.partition_name from ops.list_partitions(in_table) as p where p.end_date <= keep_from loop
        execute format('drop table %s', expired.partition_name::regclass);
        dropped_names := dropped_names || expired.partition_name;
    end loop;
    return next;
end $$;

-- Drops the staging table of every load that needs none any more: finished ones, and blocked ones that have waited since before
-- in_before (publishing a released one stages it anew from its landed file). Returns the names of what it dropped.
create function ops.drop_left_staging(in_before timestamptz) returns text[] language plpgsql set lock_timeout to '10s' as $$
declare
    candidate_table record;
    dropped text[] := '{}';
begin
    for candidate_table in
        select c.relname
        from pg_class as c
        inner join ops.load as l on c.relname = format('%s_%s', l.dataset_code, l.load_id)
        where c.relnamespace = 'staging'::regnamespace and c.relkind = 'r'
            and (
                l.status_code in ('published', 'superseded', 'rejected')
                or (l.status_code = 'blocked' and coalesce(l.gated_at, l.landed_at) < in_before)
            )
        order by 1
    loop
        execute format('drop table staging.%I cascade', candidate_table.relname);
        dropped := dropped || format('staging.%s', candidate_table.relname);
    end loop;
    return dropped;
end $$;

-- Removes the candidate rows of builds that are over, and of blocked ones built before in_before; returns how many rows went.
create function ops.delete_left_candidates(in_before timestamptz) returns bigint language plpgsql as $$
declare
    candidate_table record;
    removed bigint;
    total bigint := 0;
begin
    for candidate_table in
        select c.oid::regclass as name
        from pg_class as c where c.relnamespace = 'candidate'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    loop
        execute format(
            'delete from %s as c using ops.build as b where b.account_id = c.account_id and b.build_id = c.build_id '
            'and (b.status_code = ''published'' or (b.status_code = ''blocked'' and b.built_at < $1))', candidate_table.name
        ) using in_before;
        get diagnostics removed = row_count;
        total := total + removed;
    end loop;
    return total;
end $$;

-- These grow with every reading. Rows that somebody has put in move with them.
alter table core.forecast_weekly rename to forecast_weekly_before;
alter table core.forecast_weekly_before rename constraint forecast_weekly_pkey to forecast_weekly_before_pkey;
drop index core.forecast_weekly_asin;
create table core.forecast_weekly (
    like core.forecast_weekly_before including constraints,
    primary key (account_id, generation_date, week_start_date, asin)
) partition by range (generation_date);
select ops.make_partitions('core.forecast_weekly', min(generation_date), max(generation_date))
from core.forecast_weekly_before;
insert into core.forecast_weekly select * from core.forecast_weekly_before;
drop table core.forecast_weekly_before;
create index forecast_weekly_asin on core.forecast_weekly (account_id, asin, generation_date);

alter table core.inventory_hourly rename to inventory_hourly_before;
alter table core.inventory_hourly_before rename constraint inventory_hourly_pkey to inventory_hourly_before_pkey;
drop index core.inventory_hourly_asin;
create table core.inventory_hourly (
    like core.inventory_hourly_before including constraints,
    primary key (account_id, hour_start_at, asin)
) partition by range (hour_start_at);
select ops.make_partitions('core.inventory_hourly', min((hour_start_at at time zone 'UTC')::date), max((hour_start_at at time zone 'UTC')::date))
from core.inventory_hourly_before;
insert into core.inventory_hourly select * from core.inventory_hourly_before;
drop table core.inventory_hourly_before;
create index inventory_hourly_asin on core.inventory_hourly (account_id, asin, hour_start_at);

alter table core.offer_snapshot rename to offer_snapshot_before;
alter table core.offer_snapshot_before rename constraint offer_snapshot_pkey to offer_snapshot_before_pkey;
drop index core.offer_snapshot_asin;
create table core.offer_snapshot (
    like core.offer_snapshot_before including constraints,
    primary key (account_id, observed_at, asin)
) partition by range (observed_at);
select ops.make_partitions('core.offer_snapshot', min((observed_at at time zone 'UTC')::date), max((observed_at at time zone 'UTC')::date))
from core.offer_snapshot_before;
insert into core.offer_snapshot select * from core.offer_snapshot_before;
drop table core.offer_snapshot_before;
create index offer_snapshot_asin on core.offer_snapshot (account_id, asin, observed_at);

create table core.sales_hourly (
    account_id text not null,
    hour_start_at timestamptz not null,
    asin text not null,
    ordered_units integer,
    ordered_revenue_amount numeric,
    currency_code text not null,
    load_id bigint not null,
    known_from timestamptz not null,
    primary key (account_id, hour_start_at, asin)
) partition by range (hour_start_at);
create index sales_hourly_asin on core.sales_hourly (account_id, asin, hour_start_at);

create table core.traffic_hourly (
    account_id text not null,
    hour_start_at timestamptz not null,
    asin text not null,
    glance_views integer,
    load_id bigint not null,
    known_from timestamptz not null,
    primary key (account_id, hour_start_at, asin)
) partition by range (hour_start_at);
create index traffic_hourly_asin on core.traffic_hourly (account_id, asin, hour_start_at);

-- One row per account, daily dataset, view and day, from the account's first known slice or request to its calendar's day at in_at.
-- in_at decides which days are due; the ledger is read as it stands.
create or replace function mart.data_status_at(in_at timestamptz)
returns table (
    account_id text, dataset_code text, variant_code text, business_date date, data_status_code text, reason text, due_at timestamptz,
    load_id bigint, document_id bigint, document_path text, document_sha256 text
) language sql stable as $$
    with
    -- The days that the ledger speaks of, by what it knows them from.
    known_span as (
        select s.account_id, s.dataset_code, s.variant_code, min(s.business_date) as first_date, max(s.business_date) as last_date
        from ops.slice as s
        group by s.account_id, s.dataset_code, s.variant_code
        union all
        select r.account_id, r.dataset_code, r.variant_code, min(r.window_start_date), max(r.window_end_date)
        from ops.report_request as r
        group by r.account_id, r.dataset_code, r.variant_code
    ),

    -- The days of an account. One that is no longer active owes nothing new: its days end where its ledger does.
    account_span as (
        select
            a.*, k.first_date,
            case when a.is_active then l.local_date else least(l.local_date, k.last_date) end as last_date
        from (
            select s.account_id, min(s.first_date) as first_date, max(s.last_date) as last_date
            from known_span as s
            inner join mart.daily_datasets() as d on d.dataset_code = s.dataset_code
            group by s.account_id
        ) as k
        inner join ops.account as a on a.account_id = k.account_id
        cross join lateral (select (in_at at time zone a.time_zone)::date as local_date) as l
    ),

    -- Every dataset of an account in its primary view, asked for or not, and every other view that the ledger knows.
    series as (
        select a.account_id, d.dataset_code, case when d.has_distributor_view then a.primary_distributor_view_code else '' end as variant_code
        from ops.account as a
        cross join mart.daily_datasets() as d
        union
        select s.account_id, s.dataset_code, s.variant_code
        from known_span as s
    ),

    -- One row of the result, with what is published of it. newest_published_date is the series'.
    series_day as (
        select
            s.account_id, s.dataset_code, s.variant_code, g.business_date, a.time_zone, d.lookback_days, n.newest_due_date,
            ((g.business_date + 1)::timestamp at time zone a.time_zone) + d.publish_lag as due_at,
            s.dataset_code = 'inventory_daily' and s.variant_code = a.primary_distributor_view_code as has_readings,
            p.status_code, p.load_id, p.last_updated_date, p.requested_at,
            max(p.business_date) filter (where p.status_code = 'published')
                over (partition by s.account_id, s.dataset_code, s.variant_code) as newest_published_date
        from account_span as a
        inner join series as s on s.account_id = a.account_id
        inner join mart.daily_datasets() as d on d.dataset_code = s.dataset_code
        cross join lateral (select mart.newest_due_date(in_at, d.publish_lag, a.time_zone) as newest_due_date) as n
        cross join lateral (
            select t::date as business_date from generate_series(a.first_date::timestamp, a.last_date::timestamp, interval '1 day') as t
        ) as g
        left join ops.slice as p
            on p.account_id = s.account_id and p.dataset_code = s.dataset_code and p.variant_code = s.variant_code
            and p.business_date = g.business_date
    ),

    judged as (
        select
            s.account_id, s.dataset_code, s.variant_code, s.business_date, s.due_at, s.lookback_days, coalesce(s.load_id, r.load_id, t.load_id) as load_id,
            s.status_code as slice_status_code, t.request_status_code, t.load_status_code, t.reason, b.load_id as blocked_load_id,
            b.reason as blocked_reason,
            case
                -- Amazon restates a day for about two weeks: it stands still once 15 newer days are published.
                when s.status_code = 'published' and s.business_date <= s.newest_published_date - 15 then 'settled'
                when s.status_code = 'published' then 'published'
                when s.status_code in ('no_data', 'expired') then 'not_observable'
                when s.business_date > s.newest_due_date and r.load_id is not null then 'provisional'
                when s.business_date > s.newest_due_date then 'not_due'
                when s.business_date <= s.newest_due_date - s.lookback_days then 'not_observable'
                else 'missing'
            end as data_status_code
        from series_day as s
        -- The newest real-time reading of a day whose report is not due.
        left join lateral (
            select h.load_id
            from core.inventory_hourly as h
            where s.has_readings and s.status_code is null and s.business_date > s.newest_due_date and h.account_id = s.account_id
                and h.hour_start_at >= s.business_date::timestamp at time zone s.time_zone
                and h.hour_start_at < (s.business_date + 1)::timestamp at time zone s.time_zone
            order by h.hour_start_at desc, h.load_id desc
            limit 1
        ) as r on true
        -- The newest attempt at a day that is due and not published: a request with its load, or a file that a person loaded.
        left join lateral (
            select c.*
            from (
                select q.planned_at as tried_at, q.request_id, q.status_code as request_status_code, l.load_id, l.status_code as load_status_code,
                    coalesce(l.reason, q.reason) as reason
                from ops.report_request as q
                left join ops.load as l on l.account_id = q.account_id and l.request_id = q.request_id
                where q.account_id = s.account_id and q.dataset_code = s.dataset_code and q.variant_code = s.variant_code
                    and s.business_date between q.window_start_date and q.window_end_date
                union all
                select l.landed_at, null, null, l.load_id, l.status_code, l.reason
                from ops.load as l
                where l.account_id = s.account_id and l.dataset_code = s.dataset_code and l.variant_code = s.variant_code
                    and l.request_id is null and s.business_date between l.window_start_date and l.window_end_date
            ) as c
            where s.status_code is null and s.business_date <= s.newest_due_date
            order by c.tried_at desc, c.request_id desc nulls last, c.load_id desc nulls last
            limit 1
        ) as t on true
        -- The newest restatement of a published day that its gate holds back: what is published stands until it is released or replaced.
        left join lateral (
            select l.load_id, l.reason
            from ops.load as l
            inner join ops.load_slice as c
                on c.account_id = l.account_id and c.load_id = l.load_id and c.business_date = s.business_date and c.is_changed
            where s.status_code = 'published' and l.status_code = 'blocked' and l.account_id = s.account_id
                and l.dataset_code = s.dataset_code and l.variant_code = s.variant_code
                and (coalesce(l.last_updated_date, '-infinity'), l.requested_at, l.load_id)
                > (coalesce(s.last_updated_date, '-infinity'), s.requested_at, s.load_id)
            order by coalesce(l.last_updated_date, '-infinity') desc, l.requested_at desc, l.load_id desc
            limit 1
        ) as b on true
    )

    select
        j.account_id, j.dataset_code, j.variant_code, j.business_date, j.data_status_code,
        case
            when j.blocked_load_id is not null
                then 'a newer load ' || j.blocked_load_id || ' is blocked and these figures stand: ' || coalesce(j.blocked_reason, 'no reason was kept')
            when j.data_status_code in ('settled', 'published') then null
            when j.slice_status_code = 'expired' then 'older than the figures that are kept; they were removed'
            when j.slice_status_code = 'no_data' then 'Amazon has no data for the day'
            when j.data_status_code = 'provisional'
                then 'real-time readings only; the report is due at ' || to_char(j.due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'
            when j.data_status_code = 'not_due' then 'due at ' || to_char(j.due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'
            when j.data_status_code = 'not_observable' then 'older than the ' || j.lookback_days || ' days that Amazon gives'
            when j.reason is not null then j.reason
            when j.load_status_code = 'published' then 'the document of load ' || j.load_id || ' does not speak of the day'
            when j.load_id is not null then 'load ' || j.load_id || ' is ' || j.load_status_code
            when j.request_status_code is null then 'never asked for'
            when j.request_status_code = 'asked' then 'not asked at Amazon yet'
            when j.request_status_code = 'waiting' then 'Amazon is still working on the report'
            else 'the report is ' || j.request_status_code
        end,
        j.due_at, j.load_id, d.document_id, d.path, d.sha256
    from judged as j
    left join ops.load as l on l.account_id = j.account_id and l.load_id = j.load_id
    left join ops.document as d on d.account_id = l.account_id and d.document_id = l.document_id
$$;
