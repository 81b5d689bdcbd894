-- What one sweep left out, by reason: how many products, and the first of them in words.
select
    r.account_id,
    r.request_id,
    r.variant_code,
    r.window_start_date,
    g.reason_code,
    count(*) as asin_count,
    (array_agg(g.asin order by g.asin))[1:20] as asins,
    min(g.reason) as reason
from ops.report_request as r
inner join ops.sweep_gap as g on r.account_id = g.account_id and r.request_id = g.request_id
where r.account_id = %(account_id)s and r.request_id = %(request_id)s
group by r.account_id, r.request_id, r.variant_code, r.window_start_date, g.reason_code
order by g.reason_code
