-- Amazon's answer names the rate it grants; the bucket follows it.
update ops.quota set rate_per_second = %(rate)s
where
    credential_id = %(credential_id)s
    and operation_code = %(operation_code)s
    and abs(rate_per_second - %(rate)s) > rate_per_second * 0.001
