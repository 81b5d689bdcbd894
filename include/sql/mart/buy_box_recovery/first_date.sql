-- The day from which on a build must begin: that of the oldest incident that is open, or closed, on or after from_date, or about which somebody
-- acted on or after it.
-- noqa: disable=LT01,LT02,LT08,LT14,ST07,ST09
select min(i.opened_date) as first_date
from ops.account as a
inner join mart.buy_box_incident as i on i.account_id = a.account_id
where
    a.account_id = %(account_id)s
    and i.opened_date < %(from_date)s
    and (
        i.closed_at is null
        or i.closed_at >= %(from_date)s::date::timestamp at time zone a.time_zone
        or exists (
            select 1 from ops.control_action as c
            where
                c.account_id = a.account_id
                and coalesce(c.asin = i.asin, true)
                and c.acted_at >= %(from_date)s::date::timestamp at time zone a.time_zone
                and mart.answers_incident(c.control_id, c.acted_at, i.account_id, i.asin, i.opened_at)
        )
    )
