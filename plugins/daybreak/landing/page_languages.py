"""Which of an attribute's values a visitor of the page reads, where it comes in several languages."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from daybreak.accounts import MARKETPLACES

Values = Sequence[Mapping[str, Any]]
_SEPARATOR = re.compile("[-_]")


@cache
def locales_of(marketplace_id: str) -> tuple[str, ...]:
    """The locales of the marketplace with that id."""
    return next(each.locales for each in MARKETPLACES.values() if each.marketplace_id == marketplace_id)


def readable(values: Values, locales: tuple[str, ...]) -> Values | None:
    """Those of ``values`` that are in the one language in which the page shows them.

    A locale of the marketplace comes first, then another of the same language, then values without a language. Where
    the vendor supplied no such value, it is the first language that any marketplace has, because the page shows it
    rather than nothing. Values in a language of no marketplace are never taken: None where there are only such.
    """
    tags = dict.fromkeys(_tag(value) for value in values)
    ranked = [(rank, place, tag) for place, tag in enumerate(tags) if (rank := _rank(tag, locales)) is not None]
    if not ranked:
        return None if values else []
    chosen = min(ranked)[2]
    return [value for value in values if _tag(value) == chosen]


def _tag(value: Mapping[str, Any]) -> str:
    tag = value.get("language_tag")
    return tag.replace("-", "_") if isinstance(tag, str) else ""


def _rank(tag: str, locales: tuple[str, ...]) -> int | None:
    if tag in locales:
        return locales.index(tag)
    own = [_language(locale) for locale in locales]
    if _language(tag) in own:
        return len(own) + own.index(_language(tag))
    if not tag:
        return 2 * len(own)
    return 2 * len(own) + 1 if _language(tag) in _known_languages() else None


def _language(tag: str) -> str:
    return _SEPARATOR.split(tag)[0].casefold()


@cache
def _known_languages() -> frozenset[str]:
    return frozenset(_language(locale) for each in MARKETPLACES.values() for locale in each.locales)
