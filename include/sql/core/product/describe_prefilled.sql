-- Describes the account's prefilled rows from the newest page of each whose title is known: what any order of loads ends in. Rows of
-- the client's own files are left as they are. A page that is gone or unreadable leaves the last description.
-- Parameters: account_id, seen_on (date[]: only products that appeared first on these days; null: all).
update core.product as p
set name = d.name, brand_name = d.brand_name, ean = d.ean, parent_asin = d.parent_asin
from (
    select
        q.asin,
        page.name,
        page.brand_name,
        page.ean,
        page.parent_asin
    from core.product as q
    cross join
        lateral (
            select
                nullif(s.title, '') as name,
                nullif(s.brand_name, '') as brand_name,
                nullif(s.ean, '') as ean,
                nullif(s.parent_asin, '') as parent_asin
            from core.content_snapshot as s
            where s.account_id = q.account_id and s.asin = q.asin and s.title is not null
            order by s.observed_date desc
            limit 1
        ) as page
    where
        q.account_id = %(account_id)s
        and q.valid_from_date = '1970-01-01'
        and q.load_id is null
        and (%(seen_on)s::date[] is null or q.first_seen_date = any(%(seen_on)s))
) as d
where
    p.account_id = %(account_id)s
    and p.asin = d.asin
    and p.valid_from_date = '1970-01-01'
    and p.load_id is null
    and (p.name, p.brand_name, p.ean, p.parent_asin) is distinct from (d.name, d.brand_name, d.ean, d.parent_asin);
