select ops.drop_left_staging(%(before_at)s) as dropped_names
