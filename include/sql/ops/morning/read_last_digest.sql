select sequence, digest_hash from ops.morning
where account_id = %(account_id)s and control_date = %(control_date)s
order by sequence desc
limit 1
