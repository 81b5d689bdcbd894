-- The usual number of rows of a day: the median of the 28 newest published days before before_date.
select percentile_cont(0.5) within group (order by recent.row_count) as usual_row_count, count(*) as day_count
from (
    select s.row_count
    from ops.slice as s
    where
        s.account_id = %(account_id)s
        and s.dataset_code = %(dataset_code)s
        and s.variant_code = %(variant_code)s
        and s.status_code = 'published'
        and s.business_date < %(before_date)s
    order by s.business_date desc
    limit 28
) as recent
