"""What becomes of a matter that a rule wants a case for."""

from enum import StrEnum


class Effect(StrEnum):
    """As it is remembered (`decisions.effect`); NONE: of a version in shadow nothing follows."""

    OPENED = "opened"
    AGAIN = "again"
    REOPENED = "reopened"
    MUTED = "muted"
    JOINED = "joined"
    STORM = "storm"
    NONE = "none"
