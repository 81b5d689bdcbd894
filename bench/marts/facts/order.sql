-- Purchase orders: one product in seven is ordered each week.
insert into core.purchase_order_line (
    account_id, po_number, asin, ordered_at, ordered_units, accepted_units, rejected_units, received_units, net_cost_amount, currency_code,
    confirmation_code, window_start_date, window_end_date, status_code, load_id, known_from
)
select
    %(account_id)s, 'PO' || to_char(g.day, 'YYMMDD') || i.parent %% 50, i.asin, g.day + interval '9 hours', q.units,
    case when c.code = 'unconfirmed' then null when c.code = 'rejected' then 0 else q.units end,
    case when c.code = 'rejected' then q.units else 0 end,
    case when g.day < %(last_date)s::timestamp - interval '20 days' then q.units when c.code = 'unconfirmed' then null else 0 end,
    round(i.price * 0.6, 2), 'EUR', c.code, g.day::date + 5, g.day::date + 14,
    case when g.day < %(last_date)s::timestamp - interval '20 days' then 'closed' else 'open' end, 1, g.day + interval '1 day'
from generate_series(%(first_date)s::timestamp, %(last_date)s, interval '7 days') as g (day)
cross join item as i
cross join lateral (select greatest(6, round(i.pace * 30))::integer as units) as q
cross join lateral (
    select case when pg_temp.noise(i.n, g.day::date, 8) < 0.05 then 'unconfirmed' when pg_temp.noise(i.n, g.day::date, 8) < 0.1 then 'rejected'
        else 'accepted' end as code
) as c
where (i.n + extract(week from g.day)::integer) %% 7 = 0;

-- Promotions of a week: one product in twelve has one a month.
insert into core.promotion (
    account_id, promotion_id, asin, kind_code, start_at, end_at, funding_per_unit_amount, units, spend_amount, currency_code, source_code,
    load_id, known_from
)
select
    %(account_id)s, 'PROMOTION' || to_char(g.day, 'YYMM'), i.asin, 'price_discount', g.day + i.n %% 20 * interval '1 day',
    g.day + (i.n %% 20 + 7) * interval '1 day', round(i.price * 0.1, 2), null, null, 'EUR', 'PLANNED', 1, g.day
from generate_series(%(first_date)s::timestamp, %(last_date)s, interval '30 days') as g (day)
cross join item as i
where (i.n + extract(month from g.day)::integer) %% 12 = 0;
