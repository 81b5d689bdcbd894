select build_id, mart_code, from_date, to_date, verdict_code, reason from ops.build
where account_id = %(account_id)s and build_id = %(build_id)s
