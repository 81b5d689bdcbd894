-- The refused rows of one load in the order of the document; the first of them, or with row_limit null all.
select
    q.row_number,
    q.business_date,
    q.asin,
    q.field_name,
    q.reason,
    q.raw_row
from ops.quarantine as q
where q.account_id = %(account_id)s and q.load_id = %(load_id)s
order by q.row_number
limit %(row_limit)s::bigint
