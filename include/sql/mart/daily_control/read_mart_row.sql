select mart.newest_row(%(mart_code)s, %(account_id)s, %(asin)s, %(business_date)s) as found
