-- The months of the load's days, for the facts and for their history.
select ops.make_load_partitions(%(dataset_code)s, %(days)s::date[])
