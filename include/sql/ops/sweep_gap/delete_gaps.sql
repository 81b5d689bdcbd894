delete from ops.sweep_gap
where account_id = %(account_id)s and request_id = %(request_id)s
