insert into ops.dirty_mart as m (account_id, mart_code, business_date)
select distinct
    %(account_id)s,
    %(mart_code)s,
    reached.business_date::date
from unnest(%(days)s::date []) as changed (business_date)
cross join lateral generate_series(
    changed.business_date::timestamp,
    least(changed.business_date + %(reach_days)s::integer, %(last_date)s)::timestamp,
    interval '1 day'
) as reached (business_date)
on conflict (account_id, mart_code, business_date) do update set marked_at = now()
