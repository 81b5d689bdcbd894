insert into ops.slice as s (
    account_id, dataset_code, variant_code, business_date, status_code, load_id, last_updated_date, requested_at, content_hash, row_count,
    published_sequence, first_published_at, published_at, confirmed_at
)
select
    l.account_id,
    l.dataset_code,
    l.variant_code,
    ls.business_date,
    'published',
    l.load_id,
    l.last_updated_date,
    l.requested_at,
    ls.content_hash,
    ls.row_count,
    nextval('ops.publish_sequence'),
    now(),
    now(),
    now()
from ops.load as l
inner join ops.load_slice as ls on l.account_id = ls.account_id and l.load_id = ls.load_id
where l.account_id = %(account_id)s and l.load_id = %(load_id)s and ls.business_date = any(%(days)s)
on conflict (account_id, dataset_code, variant_code, business_date) do update set
    status_code = 'published',
    load_id = excluded.load_id,
    last_updated_date = excluded.last_updated_date,
    requested_at = excluded.requested_at,
    content_hash = excluded.content_hash,
    row_count = excluded.row_count,
    published_sequence = excluded.published_sequence,
    published_at = excluded.published_at,
    confirmed_at = excluded.confirmed_at
