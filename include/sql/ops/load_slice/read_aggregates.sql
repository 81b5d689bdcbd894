-- Each additive figure of each staged day: the sum over the document's ASIN rows beside the document's own total.
select
    s.business_date,
    a.measure,
    (s.sums ->> a.measure)::numeric as sum_of_asins,
    a.figure::numeric as aggregate
from ops.sum_staged(%(dataset_code)s, %(load_id)s) as s
inner join ops.load_slice as ls
    on ls.account_id = %(account_id)s and ls.load_id = %(load_id)s and s.business_date = ls.business_date
cross join lateral jsonb_each_text(ls.aggregate_figures) as a (measure, figure)
where jsonb_exists(s.sums, a.measure)
order by s.business_date, a.measure
