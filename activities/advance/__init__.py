"""`advance`: the one place where a case changes. One transaction under its row lock, three round trips."""

from activities.advance.reading import CaseUnknown
from activities.advance.transaction import House, advance, words_of

__all__ = ["CaseUnknown", "House", "advance", "words_of"]
