-- What people did in a week, the oldest first, with the cause and the products of the control as the last morning that names it shows them.
select
    t.acted_at,
    t.control_id,
    t.action_code,
    t.actor_name,
    t.note,
    t.spend_amount,
    t.follow_up_date,
    c.cause_code,
    case when t.asin is null then coalesce(c.asins, '{}') else array[t.asin] end as asins
from ops.control_action as t
inner join ops.account as a on t.account_id = a.account_id
left join lateral (
    select
        l.cause_code,
        l.asins
    from mart.daily_control as l
    where l.account_id = t.account_id and l.control_id = t.control_id
    order by l.control_date desc
    limit 1
) as c on true
where
    t.account_id = %(account_id)s
    and (t.acted_at at time zone a.time_zone)::date between %(week_end_date)s::date - 6 and %(week_end_date)s
order by t.acted_at asc, t.action_id asc
