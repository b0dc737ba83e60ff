"""Keywords in what people write: a text holds a keyword however it is spaced, in half or full width, in any case."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate

import rjieba


def normalised(text: str) -> str:
    """NFKC, lower case, without any space: `电 瓶　车` is `电瓶车`, `ＡＢ` is `ab`."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def found_in(text: str, keywords: Iterable[str]) -> tuple[str, ...]:
    """Those of `keywords` (normalised) that `text` holds, in their order."""
    said = normalised(text)
    return tuple(keyword for keyword in keywords if keyword in said)


def mentioned_in(text: str, words: Iterable[str]) -> tuple[str, ...]:
    """Those of `words` (normalised) that `text` names as words: `火` is not named in `火锅店`."""
    said = normalised(text)
    edges = _edges(said)
    return tuple(word for word in words if _stands_alone(word, said, edges))


def _stands_alone(word: str, said: str, edges: frozenset[int]) -> bool:
    """A word may be made of several shorter ones: it only must not begin or end within one."""
    at = said.find(word)
    while at >= 0 and not (at in edges and at + len(word) in edges):
        at = said.find(word, at + 1)
    return at >= 0


@lru_cache(maxsize=256)  # the rules of a ruleset ask the same text one after the other
def _edges(said: str) -> frozenset[int]:
    """Where words begin and end, by the dictionary alone: no guess at new words, the same text is cut the same."""
    return frozenset(accumulate(map(len, rjieba.cut(said, False)), initial=0))
