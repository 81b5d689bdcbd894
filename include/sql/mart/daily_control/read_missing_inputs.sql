-- What an account has not supplied, and its controls would use.
-- noqa: disable=LT14
select m.input_code
from (
    values
    ('cost_file', exists (select from core.product as p where p.account_id = %(account_id)s and p.unit_cost_amount is not null)),
    ('watch_list', exists (select from ops.watched_competitor as w where w.account_id = %(account_id)s)),
    ('offers', exists (select from core.offer_snapshot as o where o.account_id = %(account_id)s)),
    ('pages', exists (select from core.content_snapshot as s where s.account_id = %(account_id)s)),
    ('orders', exists (select from core.purchase_order_line as l where l.account_id = %(account_id)s))
) as m (input_code, is_there)
where not m.is_there
order by m.input_code
