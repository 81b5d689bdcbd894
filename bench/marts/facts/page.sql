-- Looks at pages: one a week, and one a day in the last eight days. Now and then a page loses images or its title changes.
insert into core.content_snapshot (
    account_id, observed_date, asin, page_status_code, title, brand_name, bullets, description, images, product_type_code, classification_id,
    parent_asin, sales_rank, attributes, has_a_plus, replenishment_category_code, load_id, known_from
)
select
    %(account_id)s, g.day::date, i.asin, case when c.change < 0.001 then 'not_found' else 'live' end,
    'Brand kitchen tool number ' || i.n || case when c.change < 0.01 then ' new' else '' end
    || ' made of stainless steel, dishwasher safe, with a long handle and a warranty of five years', 'Brand',
    (select jsonb_agg('Bullet ' || b.n || ' says in some sixty to ninety characters what the product is good for and why') from generate_series(1, 3 + i.n %% 3) as b (n)),
    repeat('A plain description of what the product does. ', 4 + i.n %% 9),
    (
        select jsonb_agg(jsonb_build_object('variant', case m.n when 1 then 'MAIN' else 'PT0' || m.n end, 'width', 1500, 'height', 1200, 'link', 'https://images.invalid/' || i.asin || m.n))
        from generate_series(1, case when c.change > 0.99 then 3 else 4 + i.n %% 4 end) as m (n)
    ),
    'KITCHEN', 'class' || i.class, 'B0P' || lpad(i.parent::text, 7, '0'), i.n,
    '{"brand": "Brand", "manufacturer": "Maker", "part_number": "7", "item_weight": "1 kg"}'::jsonb, i.n %% 3 > 0, 'PLANNED_REPLENISHMENT', 1,
    g.day + interval '1 day'
from generate_series(%(first_date)s::timestamp, %(last_date)s, interval '1 day') as g (day)
cross join item as i
cross join lateral (select pg_temp.noise(i.n, g.day::date, 11) as change) as c
where g.day > %(last_date)s::timestamp - interval '8 days' or (g.day::date - date '2000-01-01') %% 7 = 0;
