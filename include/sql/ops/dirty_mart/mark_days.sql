-- The changed days and those that they reach; and, for each, the day that its publication moves out of the restatement window:
-- that day's figures are settled from then on.
insert into ops.dirty_mart as m (account_id, mart_code, business_date)
select distinct
    %(account_id)s,
    %(mart_code)s,
    reached.business_date
from unnest(%(days)s::date[]) as changed (business_date)
cross join
    lateral (
        select series.business_date::date
        from
            generate_series(
                changed.business_date::timestamp,
                least(changed.business_date + %(reach_days)s::integer, %(last_date)s)::timestamp,
                interval '1 day'
            ) as series (business_date)
        union all
        select changed.business_date - %(settling_days)s::integer
    ) as reached
on conflict (account_id, mart_code, business_date) do update set marked_at = now()
