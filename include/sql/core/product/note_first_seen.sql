select core.note_first_seen(%(account_id)s, %(dataset_code)s, %(load_id)s, %(days)s, %(removed)s)
