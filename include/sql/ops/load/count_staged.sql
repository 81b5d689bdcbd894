select ops.count_staged(%(dataset_code)s, %(load_id)s)
