"""What on-call is told of a red run: each place with its cause, Amazon's words and the command that repairs it."""

from collections.abc import Sequence
from dataclasses import dataclass

from daybreak.board.letter import Letter
from daybreak.board.templating import mail_html, plain, render

SHOWN_IN_CHAT = 5
SHOWN = 100
_LONGEST = 600


@dataclass(frozen=True)
class Trouble:
    """One place that is red: what is wrong, in words, and the command that repairs it or looks closer."""

    sentence: str
    command: str


def compose_alert(title: str, troubles: Sequence[Trouble], after: str) -> Letter:
    """The message to on-call; ``after`` says what happens by itself."""
    told = [Trouble(_shortened(each.sentence), each.command) for each in troubles]
    values = {"title": plain(title), "troubles": told[:SHOWN], "left_out": max(len(told) - SHOWN, 0), "after": after}
    summary = "\n".join(f"{each.sentence}\n  {each.command}" for each in told[:SHOWN_IN_CHAT])
    if len(told) > SHOWN_IN_CHAT:
        summary += f"\n{len(told) - SHOWN_IN_CHAT} more: daybreak status"
    page = mail_html(render("alert.html.j2", "en", **values))
    return Letter(plain(title), render("alert.txt.j2", "en", **values), page, (), summary)


def _shortened(sentence: str) -> str:
    text = plain(sentence)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
