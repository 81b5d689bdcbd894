select ops.delete_left_candidates(%(before_at)s) as row_count
