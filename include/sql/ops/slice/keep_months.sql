select
    k.made_count,
    k.dropped_names
from
    ops.keep_months(
        %(table_name)s::regclass, %(on_date)s, (%(on_date)s::date + make_interval(months => %(ahead_months)s))::date, %(keep_from)s
    ) as k
