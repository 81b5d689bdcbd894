-- Looks at offers: each product once a day, those of priority A four times. One product in twelve loses its Buy Box now and then.
create temporary table look as
select
    i.n, i.asin, i.price, (g.day + (h.look * 6 + 1) * interval '1 hour' + i.n %% 300 * interval '1 minute' / 10) as observed_at,
    i.n %% 12 = 5 and pg_temp.noise(i.n, g.day::date - (g.day::date - date '2000-01-01') %% 4, 9) < 0.4 as is_lost,
    g.day::date as look_date
from generate_series(%(first_date)s::timestamp, %(last_date)s, interval '1 day') as g (day)
cross join item as i
cross join lateral generate_series(0, case i.priority_code when 'A' then 3 else 0 end) as h (look);

insert into core.offer_snapshot (
    account_id, observed_at, asin, owner_code, winner_seller_id, winner_price_amount, our_price_amount, amazon_price_amount,
    lowest_other_price_amount, offer_count, is_split, has_amazon_offer, currency_code, load_id, known_from
)
select
    %(account_id)s, l.observed_at at time zone 'UTC', l.asin, case when l.is_lost then 'other' else 'amazon' end,
    case when l.is_lost then 'RESELLER' || l.n %% 20 else 'AMAZON' end, case when l.is_lost then p.other else p.own end, p.own, p.own, p.other, 3,
    false, true, 'EUR', 1, l.observed_at at time zone 'UTC'
from look as l
cross join lateral (
    select
        round(l.price * 1.22, 2) as own, round((l.price * 1.22 * case when l.is_lost then 0.93 else 1 + 0.2 * pg_temp.noise(l.n, l.look_date, 10) end)::numeric, 2)
            as other
) as p;

-- The offers behind the looks of the last days, three to a look.
insert into core.offer (
    account_id, observed_at, asin, seller_id, offer_index, landed_price_amount, listing_price_amount, shipping_amount, currency_code,
    condition_code, is_featured, is_prime, is_fulfilled_by_amazon, load_id, known_from
)
select
    %(account_id)s, l.observed_at at time zone 'UTC', l.asin,
    case o.place when 1 then 'AMAZON' else 'RESELLER' || (l.n + o.place) %% 20 end, o.place, l.price, l.price, 0, 'EUR', 'new',
    (o.place = 2) = l.is_lost, true, o.place = 1, 1, l.observed_at at time zone 'UTC'
from look as l
cross join generate_series(1, 3) as o (place)
where l.look_date > %(last_date)s::date - 8;

drop table look;
