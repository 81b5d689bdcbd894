insert into ops.sweep_gap (account_id, request_id, asin, reason_code, reason)
values (%(account_id)s, %(request_id)s, %(asin)s, %(reason_code)s, %(reason)s)
