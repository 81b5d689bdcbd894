"""SQL lives in files: a statement is read from ``include/sql`` by its path without the ending."""

import re
from functools import cache

from daybreak.settings import SQL_DIR

_NAME = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)+")


@cache
def statement(name: str) -> str:
    """The text of ``include/sql/<name>.sql``, to execute with parameters bound as ``%(name)s``.

    Raises:
        ValueError: ``name`` is not a path of plain words.
        FileNotFoundError: there is no such file.
    """
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"{name!r} names no statement: give a path below include/sql, such as ops/load/insert_load")
    return (SQL_DIR / f"{name}.sql").read_text()
