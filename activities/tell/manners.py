"""How people want to be told: when at once, when in the morning, when together with others. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

QUIET_FROM, QUIET_UNTIL = time(22), time(7)
DIGEST_AT, RED_LIST_AT = time(8, 30), time(16, 30)
DAILY_WITHIN = timedelta(hours=4)  # a notifier that starts later than this leaves the day's digest out
PUSHES = 20  # to one person in
PUSHES_WITHIN = timedelta(hours=1)
SMS_FROM, VOICE_FROM = 2, 3  # urgency
LOUDER = {"wecom": "sms", "sms": "voice"}
UNREAD_AFTER = timedelta(seconds=60)  # an emergency goes to the next louder channel; divided by the clock rate


class Bundle(StrEnum):
    """Several messages told as one."""

    DIGEST = "digest"
    RED_LIST = "red-list"
    SUMMARY = "summary"


@dataclass(frozen=True)
class Occasion:
    """One message and the one it is for. `pushed`: when they were pushed something within the last hour, ascending."""

    reason: str
    emergency: bool
    secretary: bool = False  # of a committee: one digest, and what is theirs
    leader: bool = False  # the red list, not a push per case
    on_duty: bool = False
    pushed: Sequence[datetime] = ()


@dataclass(frozen=True)
class Hold:
    """Not now: at `until`, and then in a bundle where one is named."""

    until: datetime
    bundle: Bundle | None = None


def manner(occasion: Occasion, now: datetime) -> Hold | None:
    """None: now. `now` in the zone in which people live."""
    if occasion.emergency:
        return None
    if occasion.secretary and (occasion.reason == "inform" or occasion.reason.startswith("clock:")):
        return Hold(following(DIGEST_AT, now), Bundle.DIGEST)
    if occasion.leader and occasion.reason.startswith("clock:"):
        return Hold(following(RED_LIST_AT, now), Bundle.RED_LIST)
    if not occasion.on_duty and is_quiet(now):
        return Hold(following(QUIET_UNTIL, now))
    recent = [at for at in occasion.pushed if at > now - PUSHES_WITHIN]
    if len(recent) >= PUSHES:
        return Hold(recent[-PUSHES] + PUSHES_WITHIN, Bundle.SUMMARY)
    return None


def is_quiet(now: datetime) -> bool:
    return now.time() >= QUIET_FROM or now.time() < QUIET_UNTIL


def following(at: time, now: datetime) -> datetime:
    """The next instant after `now` at which the clock on the wall shows `at`."""
    today = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)


def due_today(at: time, now: datetime) -> bool:
    """Whether it is time for what is sent daily at `at`, and not too late for it."""
    today = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return today <= now < today + DAILY_WITHIN


def channel_for(urgency: int, *, wecom: bool, phone: bool) -> str | None:
    """The channel to begin with, of those by which this person can be reached; None: by none."""
    if phone and urgency >= VOICE_FROM:
        return "voice"
    if phone and (urgency >= SMS_FROM or not wecom):
        return "sms"
    return "wecom" if wecom else None


def louder(channel: str, *, emergency: bool, phone: bool) -> str | None:
    """Where to turn when `channel` does not reach the person; nobody is called for what is no emergency."""
    following_one = LOUDER.get(channel) if phone else None
    return following_one if emergency or following_one == "sms" else None
