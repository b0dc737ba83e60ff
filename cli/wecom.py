"""The demo's government WeChat: the stand-in over the members that the database knows."""

import contextlib
import threading
import time

import psycopg
import uvicorn

from adapters.govwecom.standin import create_app
from settings import Settings

MEMBERS = "SELECT wecom_id, display_name FROM people WHERE wecom_id IS NOT NULL AND active"
FILE = "wecom-standin.sqlite"
FRESH_SECONDS = 5.0


class Members:
    """Whom the database knows, asked again after a few seconds; while it is away, those of before."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._known: dict[str, str] = {}
        self._asked = float("-inf")
        self._lock = threading.Lock()

    def __call__(self) -> dict[str, str]:
        with self._lock:
            if time.monotonic() - self._asked > FRESH_SECONDS:
                self._ask()
                self._asked = time.monotonic()
            return self._known

    def _ask(self) -> None:
        with (
            contextlib.suppress(psycopg.OperationalError),
            psycopg.connect(self._dsn, connect_timeout=2) as connection,
        ):
            self._known = dict(connection.execute(MEMBERS).fetchall())


def serve(settings: Settings) -> None:
    """Until told to end; on this machine only."""
    app = create_app(
        corp=settings.wecom_corp,
        secret=settings.wecom_secret,
        agent=settings.wecom_agent,
        hook_secret=settings.hook_secret,
        file=settings.home / FILE,
        directory=Members(settings.database_url),
        zone=settings.zone,
        token_seconds=settings.wecom_token_seconds,
    )
    uvicorn.run(app, host="127.0.0.1", port=settings.wecom_port, access_log=False, timeout_graceful_shutdown=1)
