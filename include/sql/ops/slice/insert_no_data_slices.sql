-- A day that was published with figures stays as it is: "no data" never overwrites data.
insert into ops.slice as s (
    account_id, dataset_code, variant_code, business_date, status_code, load_id, last_updated_date, requested_at, content_hash, row_count,
    published_sequence, first_published_at, published_at, confirmed_at
)
select
    %(account_id)s,
    %(dataset_code)s,
    %(variant_code)s,
    days.business_date::date,
    'no_data',
    %(load_id)s,
    null,
    %(requested_at)s,
    '',
    0,
    nextval('ops.publish_sequence'),
    now(),
    now(),
    now()
from generate_series(%(from_date)s::timestamp, %(to_date)s::timestamp, interval '1 day') as days (business_date)
on conflict (account_id, dataset_code, variant_code, business_date) do update set
    confirmed_at = now()
