select asin from core.product
where account_id = %(account_id)s
order by first_seen_date desc nulls last, asin asc
limit 1
