-- Publishes the staged rows of one load into core.traffic_hourly, for the days that the ledger allows.
-- Parameters: account_id, load_id, variant_code (empty; the days are those of UTC), days (date[]), known_at
-- (an instant after the series was locked, so that versions of a row follow each other without overlap).
-- Reads the load's staging table as staged_traffic_hourly. Three statements; the caller reads their row counts in this order.

-- 1. Counts what the next two change of what stands there: rows that differ, and rows that the complete newer report no
--    longer has. This table keeps no former versions. A row that stands in quarantine is not gone: it stays as it is.
select c.asin
from core.traffic_hourly as c
left join staged_traffic_hourly as s on c.hour_start_at = s.hour_start_at and c.asin = s.asin
where
    c.account_id = %(account_id)s
    and c.hour_start_at >= (select min(d.day)::timestamp at time zone 'UTC' from unnest(%(days)s::date[]) as d (day))
    and c.hour_start_at < (select max(d.day + 1)::timestamp at time zone 'UTC' from unnest(%(days)s::date[]) as d (day))
    and (c.hour_start_at at time zone 'UTC')::date = any(%(days)s)
    and case
        when s.asin is null
            then not exists (
                select 1
                from ops.quarantine as q
                where
                    q.account_id = c.account_id
                    and q.load_id = %(load_id)s
                    and (q.business_date = (c.hour_start_at at time zone 'UTC')::date or q.business_date is null)
                    and (q.asin = c.asin or q.asin is null)
            )
        else (
            c.glance_views
        ) is distinct from (
            s.glance_views
        )
    end;

-- 2. Rows that are gone.
delete from core.traffic_hourly as c
where
    c.account_id = %(account_id)s
    and c.hour_start_at >= (select min(d.day)::timestamp at time zone 'UTC' from unnest(%(days)s::date[]) as d (day))
    and c.hour_start_at < (select max(d.day + 1)::timestamp at time zone 'UTC' from unnest(%(days)s::date[]) as d (day))
    and (c.hour_start_at at time zone 'UTC')::date = any(%(days)s)
    and not exists (
        select 1 from staged_traffic_hourly as s
        where s.hour_start_at = c.hour_start_at and s.asin = c.asin
    )
    and not exists (
        select 1
        from ops.quarantine as q
        where
            q.account_id = c.account_id
            and q.load_id = %(load_id)s
            and (q.business_date = (c.hour_start_at at time zone 'UTC')::date or q.business_date is null)
            and (q.asin = c.asin or q.asin is null)
    );

-- 3. New rows, and only those old ones that differ: publishing the same report twice changes no row.
merge into core.traffic_hourly as c
using (
    select *
    from staged_traffic_hourly as s
    where
        s.business_date = any(%(days)s)
) as s
    -- The days stand here once more: without them every row that the account has in these months is read.
    on
        c.account_id = %(account_id)s and c.hour_start_at = s.hour_start_at and c.asin = s.asin
        and c.hour_start_at >= (select min(d.day)::timestamp at time zone 'UTC' from unnest(%(days)s::date[]) as d (day))
        and c.hour_start_at < (select max(d.day + 1)::timestamp at time zone 'UTC' from unnest(%(days)s::date[]) as d (day))
when matched and (
    c.glance_views
) is distinct from (
    s.glance_views
)
then
    update
        set
            glance_views = s.glance_views, load_id = %(load_id)s, known_from = %(known_at)s
when not matched
then insert (
    account_id, hour_start_at, asin, glance_views, load_id, known_from
) values (
    %(account_id)s, s.hour_start_at, s.asin, s.glance_views, %(load_id)s, %(known_at)s
);
