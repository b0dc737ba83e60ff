"""What became of handing one message to a channel."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Verdict(StrEnum):
    SENT = "sent"
    LATER = "later"  # nothing is wrong with the message: try again
    REFUSED = "refused"  # never on this channel; another may do


@dataclass(frozen=True)
class Outcome:
    """`code` is the channel's own (an errcode, an HTTP status) or a word of ours; `wait` at least, before the next."""

    verdict: Verdict
    code: str
    said: str = ""
    message_id: str = ""
    wait: timedelta = timedelta(0)
