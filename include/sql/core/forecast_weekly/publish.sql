-- Publishes the staged rows of one load into core.forecast_weekly, for the days that the ledger allows.
-- Parameters: account_id, load_id, variant_code (empty; the days are generations), days (date[]), known_at
-- (an instant after the series was locked, so that versions of a row follow each other without overlap).
-- Reads the load's staging table as staged_forecast_weekly. Three statements; the caller reads their row counts in this order.

-- 1. Counts what the next two change of what stands there: rows that differ, and rows that the complete newer report no
--    longer has. This table keeps no former versions. A row that stands in quarantine is not gone: it stays as it is.
select c.asin
from core.forecast_weekly as c
left join staged_forecast_weekly as s on c.generation_date = s.generation_date and c.week_start_date = s.week_start_date and c.asin = s.asin
where
    c.account_id = %(account_id)s
    and c.generation_date = any(%(days)s)
    and case
        when s.asin is null
            then not exists (
                select 1
                from ops.quarantine as q
                where
                    q.account_id = c.account_id
                    and q.load_id = %(load_id)s
                    and (q.business_date = c.generation_date or q.business_date is null)
                    and (q.asin = c.asin or q.asin is null)
            )
        else (
            c.mean_units, c.p70_units, c.p80_units, c.p90_units
        ) is distinct from (
            s.mean_units, s.p70_units, s.p80_units, s.p90_units
        )
    end;

-- 2. Rows that are gone.
delete from core.forecast_weekly as c
where
    c.account_id = %(account_id)s
    and c.generation_date = any(%(days)s)
    and not exists (
        select 1 from staged_forecast_weekly as s
        where s.generation_date = c.generation_date and s.week_start_date = c.week_start_date and s.asin = c.asin
    )
    and not exists (
        select 1
        from ops.quarantine as q
        where
            q.account_id = c.account_id
            and q.load_id = %(load_id)s
            and (q.business_date = c.generation_date or q.business_date is null)
            and (q.asin = c.asin or q.asin is null)
    );

-- 3. New rows, and only those old ones that differ: publishing the same report twice changes no row.
merge into core.forecast_weekly as c
using (
    select *
    from staged_forecast_weekly as s
    where
        s.business_date = any(%(days)s)
) as s
    -- The days stand here once more: without them every row that the account has in these months is read.
    on
        c.account_id = %(account_id)s and c.generation_date = s.generation_date and c.week_start_date = s.week_start_date
        and c.asin = s.asin and c.generation_date = any(%(days)s)
when matched and (
    c.mean_units, c.p70_units, c.p80_units, c.p90_units
) is distinct from (
    s.mean_units, s.p70_units, s.p80_units, s.p90_units
)
then
    update
        set
            mean_units = s.mean_units, p70_units = s.p70_units, p80_units = s.p80_units, p90_units = s.p90_units,
            load_id = %(load_id)s, known_from = %(known_at)s
when not matched
then insert (
    account_id, generation_date, week_start_date, asin, mean_units, p70_units, p80_units, p90_units, load_id,
    known_from
) values (
    %(account_id)s, s.generation_date, s.week_start_date, s.asin, s.mean_units, s.p70_units, s.p80_units, s.p90_units,
    %(load_id)s, %(known_at)s
);
