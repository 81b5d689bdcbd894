-- The days of loads that are over, but for those of the load behind what is published.
delete from ops.load_slice as ls
using ops.load as l
where
    l.landed_at < %(before_at)s
    and l.account_id = ls.account_id
    and l.load_id = ls.load_id
    and l.status_code in ('published', 'superseded', 'rejected')
    and not exists (
        select 1
        from ops.slice as s
        where
            s.account_id = l.account_id
            and s.dataset_code = l.dataset_code
            and s.variant_code = l.variant_code
            and s.business_date = ls.business_date
            and s.load_id = l.load_id
    )
