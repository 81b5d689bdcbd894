select
    account_id,
    stock_status_code,
    count(*) as asin_count
from mart.stock_coverage_daily
where account_id = any(%(account_ids)s) and business_date = %(business_date)s
group by account_id, stock_status_code
