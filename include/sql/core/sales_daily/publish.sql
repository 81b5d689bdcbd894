-- Publishes the staged rows of one load into core.sales_daily, for the days that the ledger allows.
-- Parameters: account_id, load_id, variant_code (the distributor view, empty where there is none), days (date[]), known_at
-- (an instant after the series was locked, so that versions of a row follow each other without overlap).
-- Reads the load's staging table as staged_sales_daily. Three statements; the caller reads their row counts in this order.

-- 1. What was known until now goes to history: rows that differ, and rows that the complete newer report no longer has.
--    A row that stands in quarantine is not gone: its old version stays.
insert into core.sales_daily_history (
    account_id, business_date, asin, distributor_view_code, ordered_units, ordered_revenue_amount, shipped_units,
    shipped_revenue_amount, shipped_cogs_amount, customer_return_units, currency_code, load_id, known_from, known_to
)
select
    c.account_id, c.business_date, c.asin, c.distributor_view_code, c.ordered_units, c.ordered_revenue_amount,
    c.shipped_units, c.shipped_revenue_amount, c.shipped_cogs_amount, c.customer_return_units, c.currency_code,
    c.load_id, c.known_from, %(known_at)s
from core.sales_daily as c
left join staged_sales_daily as s on c.business_date = s.business_date and c.asin = s.asin and c.distributor_view_code = s.distributor_view_code
where
    c.account_id = %(account_id)s
    and c.business_date = any(%(days)s)
    and c.distributor_view_code = %(variant_code)s
    and case
        when s.asin is null
            then not exists (
                select 1
                from ops.quarantine as q
                where
                    q.account_id = c.account_id
                    and q.load_id = %(load_id)s
                    and (q.business_date = c.business_date or q.business_date is null)
                    and (q.asin = c.asin or q.asin is null)
            )
        else (
            c.ordered_units, c.ordered_revenue_amount, c.shipped_units, c.shipped_revenue_amount,
            c.shipped_cogs_amount, c.customer_return_units, c.currency_code
        ) is distinct from (
            s.ordered_units, s.ordered_revenue_amount, s.shipped_units, s.shipped_revenue_amount,
            s.shipped_cogs_amount, s.customer_return_units, s.currency_code
        )
    end;

-- 2. Rows that are gone.
delete from core.sales_daily as c
where
    c.account_id = %(account_id)s
    and c.business_date = any(%(days)s)
    and c.distributor_view_code = %(variant_code)s
    and not exists (
        select 1 from staged_sales_daily as s
        where s.business_date = c.business_date and s.asin = c.asin and s.distributor_view_code = c.distributor_view_code
    )
    and not exists (
        select 1
        from ops.quarantine as q
        where
            q.account_id = c.account_id
            and q.load_id = %(load_id)s
            and (q.business_date = c.business_date or q.business_date is null)
            and (q.asin = c.asin or q.asin is null)
    );

-- 3. New rows, and only those old ones that differ: publishing the same report twice changes no row.
merge into core.sales_daily as c
using (
    select *
    from staged_sales_daily as s
    where
        s.business_date = any(%(days)s)
        and s.distributor_view_code = %(variant_code)s
) as s
    -- The days stand here once more: without them every row that the account has in these months is read.
    on
        c.account_id = %(account_id)s
        and c.business_date = any(%(days)s)
        and c.business_date = s.business_date
        and c.asin = s.asin
        and c.distributor_view_code = s.distributor_view_code
when matched and (
    c.ordered_units, c.ordered_revenue_amount, c.shipped_units, c.shipped_revenue_amount, c.shipped_cogs_amount,
    c.customer_return_units, c.currency_code
) is distinct from (
    s.ordered_units, s.ordered_revenue_amount, s.shipped_units, s.shipped_revenue_amount, s.shipped_cogs_amount,
    s.customer_return_units, s.currency_code
)
then
    update
        set
            ordered_units = s.ordered_units, ordered_revenue_amount = s.ordered_revenue_amount,
            shipped_units = s.shipped_units, shipped_revenue_amount = s.shipped_revenue_amount,
            shipped_cogs_amount = s.shipped_cogs_amount, customer_return_units = s.customer_return_units,
            currency_code = s.currency_code, load_id = %(load_id)s, known_from = %(known_at)s
when not matched
then insert (
    account_id, business_date, asin, distributor_view_code, ordered_units, ordered_revenue_amount, shipped_units,
    shipped_revenue_amount, shipped_cogs_amount, customer_return_units, currency_code, load_id, known_from
) values (
    %(account_id)s, s.business_date, s.asin, s.distributor_view_code, s.ordered_units, s.ordered_revenue_amount,
    s.shipped_units, s.shipped_revenue_amount, s.shipped_cogs_amount, s.customer_return_units, s.currency_code,
    %(load_id)s, %(known_at)s
);
