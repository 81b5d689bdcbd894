"""What every table holds, in words: read from ``include/sql/<layer>/<table>/table.yml``, said in three places.

The same words make the data dictionary, the comments in Postgres and the test that compares them with the catalogue.
"""

from daybreak.contracts.comments import comment_statements
from daybreak.contracts.dictionary import render_dictionary
from daybreak.contracts.table_contracts import ColumnContract, ContractError, TableContract, read_contracts

__all__ = [
    "ColumnContract",
    "ContractError",
    "TableContract",
    "comment_statements",
    "read_contracts",
    "render_dictionary",
]
