-- The days of a dataset whose month was dropped: published no longer, and not missing either.
update ops.slice set status_code = 'expired'
where
    dataset_code = %(dataset_code)s
    and business_date < date_trunc('month', %(keep_from)s::date)::date
    and status_code = 'published'
