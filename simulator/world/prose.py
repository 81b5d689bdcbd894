"""Titles, bullets and descriptions, put together from a vocabulary at random."""

from collections.abc import Iterable

import numpy as np

from simulator.world.vocabulary import Vocabulary

LONGEST_TITLE = 200
_FORBIDDEN_ENDINGS = (" !!!", " $$$", " {NEW}", " _TOP_", " ???", " ¬")


def shuffled(rng: np.random.Generator, words: tuple[str, ...]) -> Iterable[str]:
    return (words[index] for index in rng.permutation(len(words)))


def write_title(rng: np.random.Generator, vocabulary: Vocabulary, name: str, details: str, length: int) -> str:
    """A title that begins with ``name``, ends with ``details``, and has about ``length`` characters, at most 200."""
    title = name
    for phrase in shuffled(rng, vocabulary.phrases):
        longer = title + vocabulary.joiner + phrase
        if len(title) + len(details) + 2 >= length or len(longer) + len(details) + 2 > LONGEST_TITLE:
            break
        title = longer
    return (title + vocabulary.joiner + details)[:LONGEST_TITLE]


def spoil_title(rng: np.random.Generator, title: str) -> str:
    """``title`` with characters that Amazon forbids."""
    ending = _FORBIDDEN_ENDINGS[int(rng.integers(len(_FORBIDDEN_ENDINGS)))]
    return title[: LONGEST_TITLE - len(ending)] + ending


def repeat_word(title: str, word: str) -> str:
    """``title`` with ``word`` said three times more, as careless sellers of keywords write."""
    stuffed = " ".join([title, word, word, word])
    return stuffed if len(stuffed) <= LONGEST_TITLE else " ".join([title[:120], word, word, word])


def write_text(rng: np.random.Generator, vocabulary: Vocabulary, length: int) -> str:
    """Whole sentences, none twice before all have been used, until there are at least ``length`` characters."""
    text = ""
    while len(text) < length:
        for sentence in shuffled(rng, vocabulary.sentences):
            text = f"{text}{vocabulary.gap}{sentence}" if text else sentence
            if len(text) >= length:
                break
    return text


def write_bullets(rng: np.random.Generator, vocabulary: Vocabulary, count: int, bad_share: float) -> tuple[str, ...]:
    """``count`` bullets of 50 to 250 characters; a share of them is far shorter or longer."""
    bullets = []
    for head in list(shuffled(rng, vocabulary.heads))[:count]:
        if rng.random() >= bad_share:
            bullets.append(f"{head}: {write_text(rng, vocabulary, 60 + int(rng.integers(90)))}"[:250])
        elif rng.random() < 0.7:
            bullets.append(head.capitalize())
        else:
            bullets.append(f"{head}: {write_text(rng, vocabulary, 280)}")
    return tuple(bullets)
