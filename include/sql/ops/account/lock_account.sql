select pg_advisory_lock(hashtextextended('extract|' || %(account_id)s, 0))
