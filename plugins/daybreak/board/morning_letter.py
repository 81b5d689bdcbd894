"""The mail of a morning: subject, text, page and pictures, made of what ``ops.morning`` keeps and of nothing else."""

from decimal import Decimal

from daybreak.accounts import Language
from daybreak.board.charts import Bar, Chart, Day, bar_chart, day_chart
from daybreak.board.figures import Figures
from daybreak.board.letter import Letter
from daybreak.board.morning_facts import Changes, Line, MorningFacts
from daybreak.board.morning_words import dataset_words, morning_words
from daybreak.board.templating import mail_html, plain, render
from daybreak.controls.control_words import action_words, cause_words, input_words, lane_words

SHOWN_TODAY = 15
SHOWN_OF_OTHERS = 5
SHOWN_OF_CHANGES = 8
SHOWN_IN_CHAT = 5
"""So much of each lane, and of each kind of change, stands in the mail: Gmail cuts a mail off at 102 kB."""
OTHER_LANES = ("watch", "waiting", "weekly", "backlog")
_BARS = 6
_NAME = 56
_WEEK = 7


def compose_letter(morning: MorningFacts, language: Language, changes: Changes | None = None) -> Letter:
    """The mail of ``morning``; with ``changes`` it is a correction that begins with them."""
    words, figures = morning_words(language), Figures(language)
    today = morning.lane("today")
    charts = [chart for chart in (_cause_chart(today, morning, language), _revenue_chart(morning, language)) if chart]
    stake = sum((line.stake_amount for line in today if line.stake_amount is not None), Decimal(0))
    headline = _headline(len(today), words)
    if stake:
        headline += f", {words['at_stake'].format(amount=figures.money(stake, morning.currency_code))}"
    values = {
        "morning": morning,
        "words": words,
        "headline": headline,
        "today": today,
        "others": [(lane_words(lane, language), morning.lane(lane)) for lane in OTHER_LANES if morning.lane(lane)],
        "changes": changes,
        "charts": charts,
        "cause_words": cause_words,
        "action_words": action_words,
        "input_words": input_words,
        "dataset_words": dataset_words,
        "called": called,
        "shown_today": SHOWN_TODAY,
        "shown_of_others": SHOWN_OF_OTHERS,
        "shown_of_changes": SHOWN_OF_CHANGES,
    }
    prefix = f"{words['correction']}: " if changes else ""
    subject = plain(f"{prefix}{morning.name}, {figures.short_day(morning.control_date)}: {headline}")
    html = mail_html(render("digest.html.j2", language, **values))
    summary = "\n".join(
        f"{place}. {cause_words(line.cause_code, language)}: {called(line)}"
        f" ({figures.money(line.stake_amount, morning.currency_code)})"
        for place, line in enumerate(today[:SHOWN_IN_CHAT], 1)
    )
    text = render("digest.txt.j2", language, **values)
    return Letter(subject, text, html, tuple(charts), summary or headline)


def called(line: Line) -> str:
    """How people call the first product of a line: the client's own number and name where they are known."""
    known = plain(" ".join(part for part in (line.client_sku, line.name) if part))
    return f"{line.asins[0]} {known if len(known) <= _NAME else known[: _NAME - 1] + '…'}".rstrip()


def _headline(count: int, words: dict[str, str]) -> str:
    if count == 0:
        return words["nothing"]
    return words["to_do_one"] if count == 1 else words["to_do"].format(count=count)


def _cause_chart(today: tuple[Line, ...], morning: MorningFacts, language: Language) -> Chart | None:
    figures = Figures(language)
    stakes: dict[str, Decimal] = {}
    for line in today:
        if line.stake_amount:
            stakes[line.cause_code] = stakes.get(line.cause_code, Decimal(0)) + line.stake_amount
    if len(stakes) < 2:
        return None  # one bar says nothing that the line above it does not
    largest = sorted(stakes.items(), key=lambda each: (-each[1], each[0]))[:_BARS]
    bars = [
        Bar(cause_words(code, language), float(amount), figures.money(amount, morning.currency_code))
        for code, amount in largest
    ]
    return bar_chart("causes", morning_words(language)["by_cause"], bars, language)


def _revenue_chart(morning: MorningFacts, language: Language) -> Chart | None:
    known = [(day, amount) for day, amount in morning.revenue if amount is not None]
    if len(known) < _WEEK:
        return None
    words, figures = morning_words(language), Figures(language)

    def week(end: int) -> str:
        amounts = [amount for _, amount in morning.revenue[len(morning.revenue) - end - _WEEK :][:_WEEK]]
        # A week with a missing day has no sum: it would look like a fall.
        whole = [amount for amount in amounts if amount is not None]
        total = sum(whole, Decimal(0)) if len(whole) == _WEEK else None
        return figures.money(total, morning.currency_code)

    text = words["revenue_text"].format(
        day=figures.short_day(known[-1][0]),
        amount=figures.money(known[-1][1], morning.currency_code),
        week=week(0),
        before=week(_WEEK),
    )
    days = [Day(day, None if amount is None else float(amount)) for day, amount in morning.revenue]
    return day_chart("revenue", words["revenue"], days, text, language)
