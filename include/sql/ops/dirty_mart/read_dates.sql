select business_date from ops.dirty_mart
where account_id = %(account_id)s and mart_code = %(mart_code)s and business_date between %(from_date)s and %(to_date)s
order by business_date
