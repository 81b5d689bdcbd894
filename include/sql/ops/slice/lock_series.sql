-- One publisher at a time per account, dataset and view; freed by commit, rollback or death.
select pg_advisory_xact_lock(hashtextextended(%(account_id)s || '|' || %(dataset_code)s || '|' || %(variant_code)s, 0))
