insert into ops.morning (account_id, control_date, sequence, digest, digest_hash, run_id)
values (%(account_id)s, %(control_date)s, %(sequence)s, %(digest)s, %(digest_hash)s, %(run_id)s)
