"""Keywords in what people write: a text holds a keyword however it is spaced, in half or full width, in any case."""

import unicodedata
from collections.abc import Iterable


def normalised(text: str) -> str:
    """NFKC, lower case, without any space: `电 瓶　车` is `电瓶车`, `ＡＢ` is `ab`."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def found_in(text: str, keywords: Iterable[str]) -> tuple[str, ...]:
    """Those of `keywords` (normalised) that `text` holds, in their order."""
    said = normalised(text)
    return tuple(keyword for keyword in keywords if keyword in said)
