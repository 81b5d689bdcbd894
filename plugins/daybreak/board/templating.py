"""Fills the templates of ``board/templates``: what comes from outside is always text, never markup.

A page is HTML with one stylesheet; ``mail_html`` moves the styles into the elements, because many mail programs drop
stylesheets. Rules for narrow screens stay in a ``<style>``, which the programs of phones keep.
"""

import unicodedata
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from daybreak.accounts import Language
from daybreak.board.figures import MISSING, Figures

TEMPLATES = Path(__file__).parent / "templates"
STYLESHEET = TEMPLATES / "daybreak.css"
# Control and format characters: among the latter those that turn the direction of reading around.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def render(template: str, language: Language, **values: Any) -> str:
    """The template filled with ``values``. In it ``figures`` writes numbers, ``language`` is ``en`` or ``it``.

    Templates that end in ``.txt.j2`` give plain text; all others escape every value. None is shown as a dash.

    Raises:
        jinja2.UndefinedError: the template names a value that is not given.
    """
    found = _environment().get_template(template)
    return found.render(figures=Figures(language), language=language, stylesheet=Markup(_stylesheet()), **values)  # noqa: S704


def mail_html(page: str) -> str:
    """A page as mail programs show it: styles in the elements, rules for phones in one ``<style>``, nothing fetched."""
    inliner = css_inline.CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False)
    return str(inliner.inline(page))


def plain(text: str) -> str:
    """Text from outside on one line, without characters that cannot be seen."""
    seen = "".join(" " if c.isspace() else c for c in text)
    return " ".join("".join(c for c in seen if unicodedata.category(c) not in _UNSEEN).split())


def _shown(value: Any) -> Any:
    """What a template prints for a value: a dash for None; text loses what cannot be seen."""
    if value is None:
        return MISSING
    if isinstance(value, str) and not isinstance(value, Markup):
        return "".join(c for c in value if c in "\n\t\xa0" or unicodedata.category(c) not in _UNSEEN)
    if isinstance(value, datetime):
        raise TypeError("an instant is shown with its time zone: figures.instant(value, time_zone)")
    return value


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(disabled_extensions=("txt.j2",), default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )


@cache
def _stylesheet() -> str:
    return STYLESHEET.read_text()
