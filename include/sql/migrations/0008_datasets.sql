-- Datasets that are not one report per day: the registry in the warehouse, and staging and partitions that fit any of them.

-- The registry of the datasets as the code has it, so that SQL reads the same lags and calendars.
create table ops.dataset (
    dataset_code text primary key,
    calendar_code text not null check (calendar_code in ('day', 'generation', 'hour', 'utc_day', 'month', 'observation', 'file')),
    has_distributor_view boolean not null,
    publish_lag interval not null,
    lookback_days integer not null check (lookback_days > 0)
);

-- The datasets of the account's days whose figures Amazon publishes after each day's end.
create or replace function mart.daily_datasets()
returns table (dataset_code text, has_distributor_view boolean, publish_lag interval, lookback_days integer) language sql stable as $$
    select d.dataset_code, d.has_distributor_view, d.publish_lag, d.lookback_days
    from ops.dataset as d
    where d.calendar_code = 'day'
$$;

-- A staging table for one load: the row's place in the document and its date in the ledger, then the columns of the core table that
-- the document fills. Unlogged: crash recovery empties it, and publish then restages from the landed file.
create or replace function ops.make_staging_table(in_dataset_code text, in_load_id bigint) returns text language plpgsql as $$
declare
    staging_name text := format('%s_%s', in_dataset_code, in_load_id);
    dropped text;
begin
    execute format('drop table if exists staging.%I cascade', staging_name);
    execute format('create unlogged table staging.%I (row_number integer not null, like core.%I)', staging_name, in_dataset_code);
    foreach dropped in array array['account_id', 'load_id', 'known_from'] loop
        execute format('alter table staging.%I drop column %I', staging_name, dropped);
    end loop;
    execute format('alter table staging.%I add column if not exists business_date date not null', staging_name);
    execute format('alter table staging.%I owner to daybreak_loader', staging_name);
    return format('staging.%I', staging_name);
end $$;

-- The months of the days that a load publishes, for the facts and for their history; nothing for a table that is not partitioned.
create function ops.make_load_partitions(in_dataset_code text, in_days date[]) returns integer language plpgsql as $$
declare
    target regclass;
    made integer := 0;
begin
    for target in
        select c.oid::regclass
        from pg_class as c
        where c.relnamespace = 'core'::regnamespace and c.relkind = 'p' and c.relname in (in_dataset_code, in_dataset_code || '_history')
    loop
        -- Also the neighbouring days: a date in the ledger is the account's, a partition may be cut in UTC.
        select made + sum(ops.make_partitions(target, d.month_day, d.month_day)) into made
        from (
            select distinct date_trunc('month', each.day + shift.days)::date as month_day
            from unnest(in_days) as each (day)
            cross join (values (-1), (0), (1)) as shift (days)
        ) as d;
    end loop;
    return made;
end $$;

-- Reports and Data Kiosk's queries have numbers of their own each, which may meet.
drop index ops.report_request_amazon_id;
create unique index report_request_amazon_id on ops.report_request (account_id, dataset_code, amazon_report_id) where amazon_report_id is not null;

-- mart.data_status reads the calendars with the rights of whoever asks.
grant select on ops.dataset to daybreak_transformer, daybreak_analyst, daybreak_client, daybreak_board;
