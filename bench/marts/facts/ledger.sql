-- The ledger says of each report and day that it is published; all came with one load.
insert into ops.load (account_id, load_id, dataset_code, variant_code, status_code, requested_at)
overriding system value values (%(account_id)s, 1, 'sales_daily', '', 'published', %(last_date)s);

insert into ops.slice (
    account_id, dataset_code, variant_code, business_date, status_code, load_id, requested_at, content_hash, row_count, published_sequence,
    first_published_at, published_at, confirmed_at
)
select
    %(account_id)s, d.dataset_code, d.variant_code, g.day::date, 'published', 1, g.day + interval '2 days', '', 0, 1, g.day + interval '2 days',
    g.day + interval '2 days', g.day + interval '2 days'
from generate_series(%(first_date)s::timestamp, %(last_date)s, interval '1 day') as g (day)
cross join (
    values ('sales_daily', 'MANUFACTURING'), ('inventory_daily', 'MANUFACTURING'), ('traffic_daily', ''), ('margin_daily', ''),
    ('featured_offer_loss_daily', '')
) as d (dataset_code, variant_code);
