select inserted_row_count, updated_row_count, removed_row_count from ops.publish_build(%(account_id)s, %(build_id)s)
