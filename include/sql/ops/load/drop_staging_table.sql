select ops.drop_staging_table(%(dataset_code)s, %(load_id)s)
