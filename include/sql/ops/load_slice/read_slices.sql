select
    ls.business_date,
    ls.row_count,
    ls.content_hash,
    ls.is_changed,
    s.row_count as published_row_count
from ops.load_slice as ls
inner join ops.load as l on ls.account_id = l.account_id and ls.load_id = l.load_id
left join ops.slice as s
    on
        l.account_id = s.account_id
        and l.dataset_code = s.dataset_code
        and l.variant_code = s.variant_code
        and ls.business_date = s.business_date
        and s.status_code = 'published'
where ls.account_id = %(account_id)s and ls.load_id = %(load_id)s
order by ls.business_date
