-- A released load may hold two rows for one key. Nobody can say which is true: both go to quarantine, the old version stays.
select ops.quarantine_duplicates(%(account_id)s, %(dataset_code)s, %(load_id)s) as row_count
