"""The same marts as an analyst would build them: facts by ``read_sql``, whole columns at a time, rows by ``to_sql``."""
