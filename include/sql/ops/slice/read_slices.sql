-- The slices of one series. is_partial: Amazon did not deliver more than one in twenty of the rows that were asked for.
select
    s.business_date,
    s.status_code,
    s.row_count,
    s.content_hash,
    s.requested_at,
    s.confirmed_at,
    coalesce(l.undelivered_row_count > 0.05 * l.row_count, false) as is_partial
from ops.slice as s
left join ops.load as l on s.account_id = l.account_id and s.load_id = l.load_id
where
    s.account_id = %(account_id)s
    and s.dataset_code = %(dataset_code)s
    and s.variant_code = %(variant_code)s
    and s.business_date between %(from_date)s and %(to_date)s
order by s.business_date
