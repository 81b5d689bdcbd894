-- Publishes the staged rows of one load into core.content_snapshot, for the days that the ledger allows.
-- Parameters: account_id, load_id, variant_code (empty), days (date[]; the one on which the pages were looked at), known_at
-- (an instant after the series was locked, so that versions of a row follow each other without overlap).
-- Reads the load's staging table as staged_content_snapshot. Three statements; the caller reads their row counts in this order.

-- 1. Counts what the next two change of what stands there: rows that differ, and rows that a newer look no longer has.
--    This table keeps no former versions. A row that stands in quarantine is not gone: it stays as it is.
select c.asin
from core.content_snapshot as c
left join staged_content_snapshot as s on c.observed_date = s.observed_date and c.asin = s.asin
where
    c.account_id = %(account_id)s
    and c.observed_date = any(%(days)s)
    and case
        when s.asin is null
            then not exists (
                select 1
                from ops.quarantine as q
                where
                    q.account_id = c.account_id
                    and q.load_id = %(load_id)s
                    and (q.business_date = c.observed_date or q.business_date is null)
                    and (q.asin = c.asin or q.asin is null)
            )
        else (
            c.page_status_code, c.title, c.brand_name, c.bullets, c.description, c.images, c.product_type_code,
            c.classification_id, c.parent_asin, c.sales_rank, c.attributes, c.has_a_plus,
            c.replenishment_category_code, c.ean
        ) is distinct from (
            s.page_status_code, s.title, s.brand_name, s.bullets, s.description, s.images, s.product_type_code,
            s.classification_id, s.parent_asin, s.sales_rank, s.attributes, s.has_a_plus,
            s.replenishment_category_code, s.ean
        )
    end;

-- 2. Rows that are gone.
delete from core.content_snapshot as c
where
    c.account_id = %(account_id)s
    and c.observed_date = any(%(days)s)
    and not exists (
        select 1 from staged_content_snapshot as s
        where s.observed_date = c.observed_date and s.asin = c.asin
    )
    and not exists (
        select 1
        from ops.quarantine as q
        where
            q.account_id = c.account_id
            and q.load_id = %(load_id)s
            and (q.business_date = c.observed_date or q.business_date is null)
            and (q.asin = c.asin or q.asin is null)
    );

-- 3. New rows, and only those old ones that differ: publishing the same look twice changes no row.
merge into core.content_snapshot as c
using (
    select *
    from staged_content_snapshot as s
    where
        s.observed_date = any(%(days)s)
) as s on c.account_id = %(account_id)s and c.observed_date = s.observed_date and c.asin = s.asin
when matched and (
    c.page_status_code, c.title, c.brand_name, c.bullets, c.description, c.images, c.product_type_code,
    c.classification_id, c.parent_asin, c.sales_rank, c.attributes, c.has_a_plus, c.replenishment_category_code,
    c.ean
) is distinct from (
    s.page_status_code, s.title, s.brand_name, s.bullets, s.description, s.images, s.product_type_code,
    s.classification_id, s.parent_asin, s.sales_rank, s.attributes, s.has_a_plus, s.replenishment_category_code,
    s.ean
)
then
    update
        set
            page_status_code = s.page_status_code, title = s.title, brand_name = s.brand_name, bullets = s.bullets,
            description = s.description, images = s.images, product_type_code = s.product_type_code,
            classification_id = s.classification_id, parent_asin = s.parent_asin, sales_rank = s.sales_rank,
            attributes = s.attributes, has_a_plus = s.has_a_plus,
            replenishment_category_code = s.replenishment_category_code, ean = s.ean, load_id = %(load_id)s,
            known_from = %(known_at)s
when not matched
then insert (
    account_id, observed_date, asin, page_status_code, title, brand_name, bullets, description, images,
    product_type_code, classification_id, parent_asin, sales_rank, attributes, has_a_plus,
    replenishment_category_code, ean, load_id, known_from
) values (
    %(account_id)s, s.observed_date, s.asin, s.page_status_code, s.title, s.brand_name, s.bullets, s.description,
    s.images, s.product_type_code, s.classification_id, s.parent_asin, s.sales_rank, s.attributes, s.has_a_plus,
    s.replenishment_category_code, s.ean, %(load_id)s, %(known_at)s
);
