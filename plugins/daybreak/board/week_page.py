"""The client's Monday report of one week as a page that needs nothing beside it."""

import base64

from daybreak.accounts import Language
from daybreak.board.charts import Bar, Chart, bar_chart
from daybreak.board.figures import Figures
from daybreak.board.templating import plain, render
from daybreak.board.week_facts import Control, Incident, Product, Recovery, WeekReport
from daybreak.board.week_words import code_words, week_words
from daybreak.controls.control_words import action_words, cause_words

SHOWN_PRODUCTS = 25
SHOWN_LINES = 15
"""So much of each list stands on the page; the workbook has all of it."""
_BARS = 8
_NAME = 40


def week_page(report: WeekReport, language: Language) -> str:
    """The report as one HTML page that needs nothing beside it."""
    chart = _lost_chart(report, language)
    return render(
        "week_report.html.j2",
        language,
        report=report,
        words=week_words(language),
        cause_words=cause_words,
        action_words=action_words,
        called=called,
        code_words=code_words,
        chart=chart,
        picture=_data_address(chart) if chart else None,
        shown_products=SHOWN_PRODUCTS,
        shown_lines=SHOWN_LINES,
    )


def called(row: Product | Incident | Control | Recovery, asin: str) -> str:
    """How people call a product: the client's own number and name where they are known."""
    known = plain(" ".join(part for part in (row.client_sku, row.name) if part))
    return f"{asin} {known if len(known) <= _NAME else known[: _NAME - 1] + '…'}".rstrip()


def _lost_chart(report: WeekReport, language: Language) -> Chart | None:
    figures = Figures(language)
    lost = [each for each in report.products if each.lost_revenue_amount]
    if not lost:
        return None
    bars = [
        Bar(
            called(each, each.asin),
            float(each.lost_revenue_amount or 0),
            figures.money(each.lost_revenue_amount, report.currency_code),
        )
        for each in lost[:_BARS]
    ]
    return bar_chart("lost_revenue", week_words(language)["lost_by_product"], bars, language)


def _data_address(chart: Chart) -> str:
    # As an image, a drawing runs nothing, whatever a product is called.
    return f"data:image/svg+xml;base64,{base64.b64encode(chart.svg().encode()).decode()}"
