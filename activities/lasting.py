"""Loops that last as long as their process: what fails is written down and tried again, and never ends the loop."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import OperationalError
from structlog.stdlib import BoundLogger
from temporalio.service import RPCError, RPCStatusCode

AWAY = frozenset({RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED})
NO_ROOM = "53300"  # too many connections
MOST_KNOWN = 1000  # failures that are remembered


def is_lost(error: BaseException) -> bool:
    """Whether a server is away, rather than refusing what it was asked."""
    match error:
        case OperationalError():
            return error.sqlstate is None or error.sqlstate.startswith(("08", "57P")) or error.sqlstate == NO_ROOM
        case RPCError():
            return error.status in AWAY
        case TimeoutError():
            return True
    return False


class Failures:
    """What failed in one loop: written down with its trace once, and again where it fails in another way."""

    def __init__(self, log: BoundLogger) -> None:
        self._log = log
        self._known: dict[str, str] = {}

    @contextmanager
    def outlived(self, what: str) -> Iterator[None]:
        """Around a turn of the loop: nothing that fails in it gets out, the loss of a server neither."""
        try:
            with self.passed_over(what):
                yield
        except (OperationalError, RPCError, TimeoutError) as lost:  # nothing else comes through
            self._log.warning("a server is lost", error=str(lost))

    @contextmanager
    def passed_over(self, what: str, **which: str) -> Iterator[None]:
        """Around one of many: the others get their turn. Only the loss of a server gets out."""
        key = f"{what} {which}"
        try:
            yield
        except Exception as error:
            if is_lost(error):
                raise
            said = f"{type(error).__name__}: {error}"
            if self._known.get(key) != said:
                self._log.exception(what, **which)
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[key] = said
        else:
            self._known.pop(key, None)
