"""The data dictionary: every table and column in one Markdown page."""

from collections.abc import Iterable

from daybreak.contracts.table_contracts import LAYERS, TableContract

_LAYER_TITLES = {
    "ops": "The ledger: what was asked, received, judged and published, and what people did about it",
    "core": "Facts: what Amazon reported, row by row, with history",
    "mart": "Marts: what people read",
}
_OPENING = """\
# Data dictionary

Written by `daybreak docs` from the `table.yml` beside each table's SQL; edit those, not this page.
The same words stand as comments in Postgres (`\\d+ core.sales_daily`). Rules that hold everywhere: a missing value is
null and never 0; instants are UTC; an amount is in the row's or the account's `currency_code`; a ratio is a fraction
(1 = 100 %).
"""


def render_dictionary(contracts: Iterable[TableContract]) -> str:
    """The page as Markdown: per layer, per table its grain, meaning, key, reach, decisions and columns.

    The same contracts give the same bytes, in whatever order they come.
    """
    ordered = sorted(contracts, key=lambda contract: (LAYERS.index(contract.layer), contract.name))
    sections = [_OPENING, _contents(ordered)]
    for layer in LAYERS:
        tables = [contract for contract in ordered if contract.layer == layer]
        if tables:
            sections.append(f"## {layer}\n\n{_LAYER_TITLES[layer]}.\n")
            sections.extend(_table(contract) for contract in tables)
    return "\n".join(sections)


def _contents(contracts: list[TableContract]) -> str:
    lines = ["| table | grain | meaning |", "|---|---|---|"]
    for contract in contracts:
        link = f"[`{contract.table}`](#{contract.table.replace('.', '')})"
        lines.append(f"| {link} | {_cell(contract.grain)} | {_cell(contract.meaning)} |")
    return "\n".join(lines) + "\n"


def _table(contract: TableContract) -> str:
    lines = [f"### {contract.table}", "", contract.meaning, "", f"* Grain: {contract.grain}."]
    lines.append(f"* Key: {', '.join(f'`{name}`' for name in contract.key)}.")
    if contract.kind == "view":
        lines.append("* A view: computed when it is read.")
    if contract.history_of:
        lines.append(f"* Keeps the former versions of the rows of `{contract.history_of}`.")
    if contract.kept:
        lines.append(f"* Partitioned by month; a month goes once its last day is `keep_{contract.kept}_days` old.")
    for fact, reach in sorted(contract.reach_days.items()):
        lines.append(f"* A changed day of `{fact}` can change the {reach} days after it as well.")
    if contract.decisions:
        lines += ["", "How the rules are read:", "", *(f"* {decision}" for decision in contract.decisions)]
    lines += ["", *_columns(contract), ""]
    return "\n".join(lines)


def _columns(contract: TableContract) -> list[str]:
    has_formula = any(column.formula for column in contract.columns.values())
    titles = ["column", "type", "null", "unit", "meaning", *(["formula"] if has_formula else [])]
    lines = [_row(titles), _row(["---"] * len(titles), padding="")]
    for name, column in contract.columns.items():
        cells = [f"`{name}`", column.type, "yes" if column.nullable else "no", column.unit or "", column.meaning]
        lines.append(_row([*cells, column.formula or ""] if has_formula else cells))
    return lines


def _row(cells: list[str], padding: str = " ") -> str:
    return "|" + "|".join(f"{padding}{_cell(cell)}{padding}" for cell in cells) + "|"


def _cell(text: str) -> str:
    """Text that stays in its cell: a line break or a pipe would end it."""
    return " ".join(text.split()).replace("|", "\\|")
