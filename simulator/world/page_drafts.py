"""The content of a product page as its vendor made it, before anything happens to it."""

from dataclasses import dataclass

import numpy as np

from simulator.world.prose import repeat_word, spoil_title, write_bullets, write_text, write_title
from simulator.world.shelves import Shelf
from simulator.world.vocabulary import Vocabulary

GALLERY = ("MAIN", "PT01", "PT02", "PT03", "PT04", "PT05", "PT06", "PT07", "PT08")
KEY_ATTRIBUTES = ("brand", "manufacturer", "part_number", "item_weight", "country_of_origin")
_COUNTRIES = ("IT", "DE", "CN", "VN", "TR", "PL", "JP")
_CLASSIFIED_SHARE = 0.97


@dataclass(frozen=True)
class Image:
    """An image by its variant, in its largest size (pixels)."""

    variant: str
    width: int
    height: int


@dataclass(frozen=True)
class Draft:
    """What stands on a page. ``filled`` are the key attributes that the vendor filled in."""

    brand: str
    title: str
    bullets: tuple[str, ...]
    description: str
    images: tuple[Image, ...]
    shelf: Shelf
    is_classified: bool
    filled: frozenset[str]
    colour: str
    size: str
    material: str
    country: str
    weight_kg: float
    sides_cm: tuple[float, float, float]
    has_second_language: bool
    """Whether the texts stand there in English too, beside the marketplace's own language."""


def draft_page(rng: np.random.Generator, vocabulary: Vocabulary, shelf: Shelf, brand: str, quality: float) -> Draft:
    """A page of ``brand`` on ``shelf``; the lower ``quality`` (0 to 1), the more of it is missing or wrong."""
    colour, size, material = (
        _pick(rng, words) for words in (vocabulary.colours, vocabulary.sizes, vocabulary.materials)
    )
    sides = rng.uniform(4, 60, 3).round(1)
    return Draft(
        brand=brand,
        title=_title(rng, vocabulary, shelf, brand, (material, colour, size), quality),
        bullets=_bullets(rng, vocabulary, quality),
        description=_description(rng, vocabulary, quality),
        images=_images(rng, quality),
        shelf=shelf,
        is_classified=bool(rng.random() < _CLASSIFIED_SHARE),
        filled=frozenset(name for name in KEY_ATTRIBUTES if rng.random() < 0.5 + 0.55 * quality),
        colour=colour,
        size=size,
        material=material,
        country=_pick(rng, _COUNTRIES),
        weight_kg=round(float(rng.gamma(2.0, 0.6)) + 0.05, 3),
        sides_cm=(float(sides[0]), float(sides[1]), float(sides[2])),
        has_second_language=bool(rng.random() < 0.08),
    )


def _pick(rng: np.random.Generator, words: tuple[str, ...]) -> str:
    return words[int(rng.integers(len(words)))]


def _title(
    rng: np.random.Generator,
    vocabulary: Vocabulary,
    shelf: Shelf,
    brand: str,
    details: tuple[str, str, str],
    quality: float,
) -> str:
    poor = 1.0 - quality
    is_short, is_anonymous, is_forbidden, is_stuffed = rng.random(4) < np.array([0.5, 0.25, 0.2, 0.2]) * poor
    noun = shelf.name(vocabulary)
    name = noun if is_anonymous else f"{brand} {noun}"
    length = int(rng.integers(20, 75) if is_short else rng.integers(95, 170))
    title = write_title(rng, vocabulary, name, details[1] if is_short else " ".join(details), length)
    if is_forbidden:
        title = spoil_title(rng, title)
    return repeat_word(title, noun) if is_stuffed else title


def _bullets(rng: np.random.Generator, vocabulary: Vocabulary, quality: float) -> tuple[str, ...]:
    is_full = rng.random() < 0.25 + 0.75 * quality
    count = int(rng.integers(5, 7) if is_full else rng.integers(0, 5))
    return write_bullets(rng, vocabulary, count, 0.7 * (1.0 - quality))


def _description(rng: np.random.Generator, vocabulary: Vocabulary, quality: float) -> str:
    luck = float(rng.random()) + 0.55 * (quality - 0.5)
    if luck < 0.12:
        return ""
    if luck < 0.35:
        return write_text(rng, vocabulary, 60)
    text = write_text(rng, vocabulary, int(rng.integers(210, 420) if luck < 0.6 else rng.integers(520, 900)))
    return f"<p>{text}</p>" if rng.random() < 0.15 else text


def _images(rng: np.random.Generator, quality: float) -> tuple[Image, ...]:
    if rng.random() < 0.04 * (1.0 - quality):
        return ()
    count = 1 + int(rng.binomial(len(GALLERY) - 1, 0.12 + 0.78 * quality))
    luck = float(rng.random())
    good = 0.3 + 0.7 * quality
    longest = rng.integers(1000, 2561) if luck < good else rng.integers(500, 1000) if luck < good + 0.2 else 360
    sides = [(int(longest), int(longest * (0.7 + 0.3 * rng.random()))) for _ in range(count)]
    images = [Image(variant, width, height) for variant, (width, height) in zip(GALLERY, sides, strict=False)]
    return tuple([*images, Image("SWCH", 110, 110)] if rng.random() < 0.3 else images)
