select unnest(ops.dates_to_change(%(account_id)s, %(build_id)s)) as changed_date
order by changed_date
