"""A content score as a vendor's content team counts it, for judging how the pages of a world spread."""

import re
from collections import Counter

from simulator.world.page import Page

_FORBIDDEN = re.compile(r"[!$?_{}^¬¦]")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")


def content_score(page: Page) -> float:
    """0 to 100: title, bullets, images, A+ content, description, attributes and classification, weighted."""
    return _title(page) + _bullets(page) + _images(page) + _rest(page)


def _title(page: Page) -> float:
    title = page.draft.title
    words = Counter(word.lower() for word in _LONG_WORD.findall(title))
    length = 10.0 if 80 <= len(title) <= 200 else 5.0 if 50 <= len(title) < 80 else 0.0
    is_clean = not _FORBIDDEN.search(title) and max(words.values(), default=0) <= 2
    return length + 5.0 * (page.draft.brand.lower() in title.lower()) + 5.0 * is_clean


def _bullets(page: Page) -> float:
    bullets = page.draft.bullets
    good = sum(50 <= len(bullet) <= 250 for bullet in bullets)
    return 10.0 * min(1.0, len(bullets) / 5) + (10.0 * good / len(bullets) if bullets else 0.0)


def _images(page: Page) -> float:
    longest = {image.variant: max(image.width, image.height) for image in page.draft.images if image.variant != "SWCH"}
    main = longest.get("MAIN", 0)
    return 20.0 * min(1.0, len(longest) / 6) + (10.0 if main >= 1000 else 5.0 if main >= 500 else 0.0)


def _rest(page: Page) -> float:
    draft = page.draft
    length = len(re.sub(r"<[^>]+>", "", draft.description))
    description = 5.0 if length >= 500 or page.has_a_plus else 2.5 if length >= 200 else 0.0
    return 15.0 * page.has_a_plus + description + len(draft.filled) + 5.0 * draft.is_classified
