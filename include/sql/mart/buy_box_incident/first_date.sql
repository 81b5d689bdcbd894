-- The day from which on a build must begin: that of the oldest incident that is open, or closed, on or after from_date, as published or as
-- the looks tell it now, and no later than the Sunday before, whose week may have got its baseline.
-- noqa: disable=LT01,LT02,LT08,LT14,ST07,ST09
with
account as (
    select
        a.account_id, a.time_zone, %(from_date)s::date as from_date,
        %(from_date)s::date::timestamp at time zone a.time_zone as from_at
    from ops.account as a
    where a.account_id = %(account_id)s
),

published as (
    select min(i.opened_date) as opened_date
    from account as a
    inner join mart.buy_box_incident as i on i.account_id = a.account_id
    where i.opened_date < a.from_date and coalesce(i.closed_at >= a.from_at, true)
),

-- What was lost in the newest look before from_date is lost at its beginning.
lost_at_first as (
    select min((r.opened_at at time zone a.time_zone)::date) as opened_date
    from account as a
    cross join lateral (select distinct p.asin from core.product as p where p.account_id = a.account_id) as p
    cross join lateral (
        select s.owner_code
        from core.offer_snapshot as s
        where s.account_id = a.account_id and s.asin = p.asin and s.observed_at < a.from_at
        order by s.observed_at desc
        limit 1
    ) as l
    cross join lateral (
        select s.observed_at as opened_at
        from core.offer_snapshot as s
        where s.account_id = a.account_id and s.asin = p.asin
            and s.observed_at > coalesce(mart.last_own_look_at(a.account_id, p.asin, a.from_at), '-infinity')
        order by s.observed_at
        limit 1
    ) as r
    where l.owner_code not in ('amazon', 'own')
)

select least(a.from_date - extract(dow from a.from_date)::integer, p.opened_date, l.opened_date) as first_date
from account as a
cross join published as p
cross join lost_at_first as l
