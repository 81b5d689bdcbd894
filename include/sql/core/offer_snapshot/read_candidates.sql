-- What a sweep of an account may look at: its catalogue and the competitors on its watch list, each with the newest snapshot of the week.
-- Every ASIN of sales, inventory and traffic has a row in core.product; a forecast counts while it is at most 28 days old. Amazon
-- refuses a whole batch for one ASIN that is none.
with
own_asin as (
    select p.asin
    from core.product as p
    where p.account_id = %(account_id)s
    union
    select f.asin
    from core.forecast_weekly as f
    where f.account_id = %(account_id)s and f.generation_date between %(on_date)s::date - 28 and %(on_date)s::date
),

wanted as (
    select o.asin, false as is_competitor from own_asin as o
    union all
    select distinct w.competitor_asin, true
    from ops.watched_competitor as w
    where
        w.account_id = %(account_id)s
        and w.competitor_asin not in (select o.asin from own_asin as o)
)

select
    wanted.asin,
    wanted.is_competitor,
    coalesce(product.priority_code, 'B') as priority_code,
    newest.observed_at,
    coalesce(newest.owner_code not in ('amazon', 'own'), false) and not wanted.is_competitor as is_lost
from wanted
left join lateral (
    select p.priority_code
    from core.product as p
    where p.account_id = %(account_id)s and p.asin = wanted.asin and p.valid_from_date <= %(on_date)s
    order by p.valid_from_date desc
    limit 1
) as product on true
left join lateral (
    select
        s.observed_at,
        s.owner_code
    from core.offer_snapshot as s
    where
        s.account_id = %(account_id)s
        and s.asin = wanted.asin
        and s.observed_at >= %(on_date)s::date - interval '9 days'
    order by s.observed_at desc
    limit 1
) as newest on true
where wanted.asin ~ '^[A-Z0-9]{10}$'
order by wanted.asin
