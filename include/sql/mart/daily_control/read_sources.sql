-- The newest facts about a product on or before a day, down to the documents that Amazon sent.
select
    f.dataset_code,
    f.fact_date,
    f.load_id,
    l.published_at,
    d.path,
    d.sha256,
    d.received_at
from mart.newest_facts(%(account_id)s, %(asin)s, %(business_date)s) as f
inner join ops.load as l on l.account_id = %(account_id)s and f.load_id = l.load_id
left join ops.document as d on l.account_id = d.account_id and l.document_id = d.document_id
order by f.dataset_code
