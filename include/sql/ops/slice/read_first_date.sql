select min(business_date) from ops.slice
where account_id = %(account_id)s and dataset_code = %(dataset_code)s
