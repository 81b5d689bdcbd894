"""Charts, drawn here without network: SVG for pages, PNG for mail.

Mail programs drop SVG (Gmail, Outlook) and pictures that must be fetched: a mail carries its charts as PNG parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from daybreak.accounts import Language
from daybreak.board.figures import Figures

INK, MUTED, RULE, ACCENT, LIGHT = "#1f2933", "#52606d", "#e4e7eb", "#b45309", "#f3d9b8"
FONT = "Helvetica, Arial, Liberation Sans, sans-serif"
_WIDTH, _BAR_HEIGHT, _DAYS_HEIGHT = 560, 26, 150
_PIXELS_PER_POINT = 2
_FORMATS: dict[Language, Literal["en-GB", "it-IT"]] = {"en": "en-GB", "it": "it-IT"}


@dataclass(frozen=True)
class Bar:
    """One bar: what it is of, how long it is, and the figure as people read it."""

    label: str
    value: float
    shown: str


@dataclass(frozen=True)
class Day:
    """One column: a day and its value, None where it is missing. A provisional one is drawn lighter."""

    day: date
    value: float | None
    is_provisional: bool = False


@dataclass(frozen=True)
class Chart:
    """A drawn chart. ``alternative`` says the same in words, for who cannot see it; ``name`` is short and for files."""

    name: str
    title: str
    alternative: str
    specification: dict[str, Any]
    language: Language

    def svg(self) -> str:
        """As SVG, for a page."""
        import vl_convert  # noqa: PLC0415 - a hundred megabytes that only drawing needs

        return str(vl_convert.vegalite_to_svg(self.specification, format_locale=_FORMATS[self.language]))

    def png(self) -> bytes:
        """As PNG at twice the size, for mail on sharp screens."""
        import vl_convert  # noqa: PLC0415

        return bytes(
            vl_convert.vegalite_to_png(
                self.specification, scale=_PIXELS_PER_POINT, format_locale=_FORMATS[self.language]
            )
        )


def bar_chart(name: str, title: str, bars: Sequence[Bar], language: Language) -> Chart:
    """Horizontal bars in the given order, each with its figure at its end."""
    import altair as alt  # noqa: PLC0415

    rows = [{"label": bar.label, "value": bar.value, "shown": bar.shown} for bar in bars]
    longest = max((bar.value for bar in bars), default=0.0)
    base = alt.Chart({"values": rows}).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=260, ticks=False, domain=False)),
        x=alt.X("value:Q", title=None, axis=None, scale=alt.Scale(domain=[0, longest * 1.2 or 1])),
    )
    drawn = base.mark_bar(color=ACCENT, height=14, cornerRadiusEnd=2) + base.mark_text(
        align="left", dx=5, color=INK, fontSize=12
    ).encode(text="shown:N")
    return _chart(
        name, title, drawn.properties(width=_WIDTH - 280, height=_BAR_HEIGHT * max(len(rows), 1)),
        "; ".join(f"{bar.label}: {bar.shown}" for bar in bars), language,
    )  # fmt: skip


def day_chart(name: str, title: str, days: Sequence[Day], alternative: str, language: Language) -> Chart:
    """A column a day; a missing day is an empty place, a provisional one is lighter."""
    import altair as alt  # noqa: PLC0415

    figures = Figures(language)
    labels = [figures.short_day(each.day) for each in days]
    rows = [
        {"day": label, "value": each.value, "is_provisional": each.is_provisional}
        for label, each in zip(labels, days, strict=True)
    ]
    drawn = (
        alt.Chart({"values": rows})
        .mark_bar(cornerRadiusTopLeft=2, cornerRadiusTopRight=2)
        .encode(
            x=alt.X(
                "day:N",
                sort=None,
                title=None,
                # One label a week, counted from the newest day, which every reader looks for.
                axis=alt.Axis(values=labels[::-7], labelAngle=0, ticks=False, domainColor=RULE),
            ),
            y=alt.Y("value:Q", title=None, axis=alt.Axis(format="~s", tickCount=4, domain=False, ticks=False)),
            color=alt.condition("datum.is_provisional", alt.value(LIGHT), alt.value(ACCENT)),
        )
    )
    return _chart(name, title, drawn.properties(width=_WIDTH - 50, height=_DAYS_HEIGHT), alternative, language)


def _chart(name: str, title: str, drawn: Any, alternative: str, language: Language) -> Chart:
    styled = (
        drawn.configure(background="#ffffff", font=FONT, padding=4)
        .configure_view(stroke=None)
        .configure_axis(labelColor=MUTED, labelFontSize=12, gridColor=RULE, labelPadding=6)
    )
    return Chart(name, title, alternative, styled.to_dict(), language)
