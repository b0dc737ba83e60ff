"""What a request may be answered with instead of what it asked for; `handlers.py` renders it."""

from typing import Any


class Problem(Exception):
    """A refusal with a stable code; `params` fill its sentence (web/refusals.py), `field` names what is wrong."""

    def __init__(self, status: int, code: str, **params: Any) -> None:
        super().__init__(status, code, params)
        self.status = status
        self.code = code
        self.params = params


class NotSignedIn(Exception):
    """The session ended, or there never was one."""


FORBIDDEN = frozenset(
    {
        *("not-permitted", "handler-cannot-inspect", "duty-officer-declines", "own-request"),
        *("own-version", "own-asking", "not-the-asker"),
    }
)
RACES = frozenset(
    {
        *("already-signed", "wrong-stage", "already-closed", "already-received", "already-arrived"),
        *("idempotency-conflict", "sign-first", "not-arrived", "not-yet-received"),
        *("return-awaits-ruling", "nothing-returned", "return-window-over", "request-awaits-ruling"),
        *("nothing-requested", "already-paused", "not-paused", "pause-is-past", "already-linked"),
        *("already-supervised", "top-tier", "bottom-tier", "already-rated", "reopen-window-over", "newer-case-open"),
        *("not-returnable", "extensions-used-up", "suspended-before", "too-late-to-extend"),
        *("children-open", "joint-answered"),
        *("asked-already", "nothing-asked", "approved-already", "active-already", "there-already"),
        *("retired-already", "nothing-before", "active-is-another", "not-approved", "too-early"),
    }
)


def status_of(code: str) -> int:
    """403: not for this person; 409: not now, the case stands otherwise; 422: something is missing or wrong in it."""
    if code in FORBIDDEN:
        return 403
    return 409 if code in RACES else 422
