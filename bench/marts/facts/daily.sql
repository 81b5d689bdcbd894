-- The daily reports: each product's stock, the views of nine in ten, sales of those that sold.
create temporary table item_day as
select
    i.n, i.asin, i.price, g.day::date as business_date, i.pace,
    case when s.is_empty then 0
        else floor(i.pace * (0.4 + 1.2 * pg_temp.noise(i.n, g.day::date, 2)) + pg_temp.noise(i.n, g.day::date, 3))::integer end as units,
    case when s.is_empty then 0 else round(i.pace * (12 + 40 * s.phase / 35.0) + 4)::integer end as on_hand,
    round(i.pace * (8 + 8 * pg_temp.noise(i.n, g.day::date, 4)))::integer as views
from item as i
cross join generate_series(%(first_date)s::timestamp, %(last_date)s, interval '1 day') as g (day)
cross join lateral (
    select
        (g.day::date - date '2000-01-01' + i.n * 7) %% 35 as phase,
        -- One in twenty products is out of stock for a week of every five.
        i.n %% 20 = 3 and (g.day::date - date '2000-01-01' + i.n * 7) %% 35 < 7 as is_empty
) as s;

insert into core.sales_daily (
    account_id, business_date, asin, distributor_view_code, ordered_units, ordered_revenue_amount, shipped_units, shipped_revenue_amount,
    shipped_cogs_amount, customer_return_units, currency_code, load_id, known_from
)
select
    %(account_id)s, d.business_date, d.asin, 'MANUFACTURING', d.units, round(d.units * d.price, 2), d.units, round(d.units * d.price, 2),
    round(d.units * d.price * 0.7, 2), d.units / (5 + d.n %% 40), 'EUR', 1, d.business_date + interval '2 days'
from item_day as d
where d.units > 0;

insert into core.inventory_daily (
    account_id, business_date, asin, distributor_view_code, sellable_on_hand_units, sellable_on_hand_cost_amount, unsellable_on_hand_units,
    open_purchase_order_units, unfilled_customer_ordered_units, average_vendor_lead_time_days, currency_code, load_id, known_from
)
select
    %(account_id)s, d.business_date, d.asin, 'MANUFACTURING', d.on_hand, round(d.on_hand * d.price * 0.6, 2), d.n %% 5, d.n %% 30, d.n %% 3,
    8 + d.n %% 9, 'EUR', 1, d.business_date + interval '2 days'
from item_day as d;

insert into core.traffic_daily (account_id, business_date, asin, glance_views, load_id, known_from)
select %(account_id)s, d.business_date, d.asin, d.views, 1, d.business_date + interval '2 days'
from item_day as d
where d.views > 0;

insert into core.margin_daily (account_id, business_date, asin, net_ppm_ratio, load_id, known_from)
select %(account_id)s, d.business_date, d.asin, round((0.05 + 0.3 * pg_temp.noise(d.n, d.business_date, 5))::numeric, 4), 1,
    d.business_date + interval '2 days'
from item_day as d
where d.units > 0;

insert into core.featured_offer_loss_daily (account_id, business_date, asin, glance_views, lost_featured_offer_ratio, load_id, known_from)
select
    %(account_id)s, d.business_date, d.asin, d.views,
    round((case when d.n %% 11 = 0 then 0.6 else 0.05 end * pg_temp.noise(d.n, d.business_date, 6))::numeric, 4), 1,
    d.business_date + interval '2 days'
from item_day as d
where d.views > 0;

drop table item_day;
