-- The days of a dataset, of whatever variant, for which Amazon gave figures or said that there are none.
select distinct business_date from ops.slice
where
    account_id = %(account_id)s and dataset_code = %(dataset_code)s
    and business_date between %(from_date)s and %(to_date)s
