insert into ops.load_slice (account_id, load_id, business_date, row_count, content_hash, is_changed, aggregate_figures)
values (%(account_id)s, %(load_id)s, %(business_date)s, %(row_count)s, %(content_hash)s, %(is_changed)s, %(aggregate_figures)s)
