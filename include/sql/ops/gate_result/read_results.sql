-- What the gate said of one load, what failed first and the gravest of that first.
select
    g.expectation_code,
    g.column_name,
    g.severity_code,
    g.is_success,
    g.has_crashed,
    g.unexpected_row_count,
    g.observed,
    g.reason,
    g.examples,
    g.judged_at
from ops.gate_result as g
where g.account_id = %(account_id)s and g.subject_code = 'load' and g.subject_id = %(load_id)s
order by
    g.is_success asc,
    array_position(array['critical', 'warning', 'info'], g.severity_code) asc,
    g.gate_result_id asc
