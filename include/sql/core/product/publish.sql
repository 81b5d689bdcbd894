-- Publishes the staged rows of one load into core.product, for the dates that the ledger allows.
-- Parameters: account_id, load_id, variant_code (empty; the days are first days of validity), days (date[]), known_at
-- (an instant after the series was locked, so that versions of a row follow each other without overlap).
-- Reads the load's staging table as staged_product. Three statements; the caller reads their row counts in this order.

-- 1. Counts the rows that the last one changes. This table keeps no former versions: a version has its day of validity.
select c.asin
from core.product as c
inner join staged_product as s on c.asin = s.asin and c.valid_from_date = s.valid_from_date
where
    c.account_id = %(account_id)s
    and s.business_date = any(%(days)s)
    and (
        c.client_sku, c.ean, c.name, c.brand_name, c.parent_asin, c.lifecycle_code, c.priority_code,
        c.unit_cost_amount, c.currency_code, c.case_pack_units, c.client_stock_units, c.pack_units
    ) is distinct from (
        s.client_sku, s.ean, s.name, s.brand_name, s.parent_asin, s.lifecycle_code, s.priority_code,
        s.unit_cost_amount, s.currency_code, s.case_pack_units, s.client_stock_units, s.pack_units
    );

-- 2. Nothing is ever gone: a client's file says nothing about what it does not name.
select s.asin
from staged_product as s
where false;

-- 3. New rows, and only those old ones that differ: publishing the same file twice changes no row. A prefilled row is
--    replaced where the client describes its product from 1970-01-01 on; the first appearance stays that of the ASIN.
merge into core.product as c
using (
    select
        s.*,
        (
            select min(p.first_seen_date)
            from core.product as p
            where p.account_id = %(account_id)s and p.asin = s.asin
        ) as known_first_seen_date
    from staged_product as s
    where
        s.business_date = any(%(days)s)
) as s on c.account_id = %(account_id)s and c.asin = s.asin and c.valid_from_date = s.valid_from_date
when matched and (
    c.client_sku, c.ean, c.name, c.brand_name, c.parent_asin, c.lifecycle_code, c.priority_code,
    c.unit_cost_amount, c.currency_code, c.case_pack_units, c.client_stock_units, c.pack_units
) is distinct from (
    s.client_sku, s.ean, s.name, s.brand_name, s.parent_asin, s.lifecycle_code, s.priority_code,
    s.unit_cost_amount, s.currency_code, s.case_pack_units, s.client_stock_units, s.pack_units
)
then
    update
        set
            client_sku = s.client_sku, ean = s.ean, name = s.name, brand_name = s.brand_name,
            parent_asin = s.parent_asin, lifecycle_code = s.lifecycle_code, priority_code = s.priority_code,
            unit_cost_amount = s.unit_cost_amount, currency_code = s.currency_code,
            case_pack_units = s.case_pack_units, client_stock_units = s.client_stock_units,
            pack_units = s.pack_units, load_id = %(load_id)s, known_from = %(known_at)s
when not matched
then insert (
    account_id, asin, valid_from_date, client_sku, ean, name, brand_name, parent_asin, lifecycle_code,
    priority_code, unit_cost_amount, currency_code, case_pack_units, client_stock_units, pack_units,
    first_seen_date, load_id, known_from
) values (
    %(account_id)s, s.asin, s.valid_from_date, s.client_sku, s.ean, s.name, s.brand_name, s.parent_asin,
    s.lifecycle_code, s.priority_code, s.unit_cost_amount, s.currency_code, s.case_pack_units,
    s.client_stock_units, s.pack_units, s.known_first_seen_date, %(load_id)s, %(known_at)s
);
