-- The months of the load's days, for the facts and for their history.
select
    ops.make_partitions(format('core.%%I', %(dataset_code)s::text)::regclass, d.business_date, d.business_date),
    ops.make_partitions(format('core.%%I', %(dataset_code)s::text || '_history')::regclass, d.business_date, d.business_date)
from (
    select distinct date_trunc('month', each.business_date)::date as business_date
    from unnest(%(days)s::date[]) as each (business_date)
) as d
