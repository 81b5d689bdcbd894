select ops.bind_staging_table(%(dataset_code)s, %(load_id)s)
