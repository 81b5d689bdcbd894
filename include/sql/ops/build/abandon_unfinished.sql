select ops.abandon_unfinished_builds(%(account_id)s)
