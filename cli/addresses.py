"""What `linli up` answers: where everything is and who may log in."""

import http.client
from typing import Any

from cli.state import embeds_wecom
from settings import Settings

PAGES = {"console": "/console", "mobile": "/m", "public": "/report", "board": "/board", "api": "/api/v1"}
PROBES = {"api": "/api/v1/openapi.json"}  # where the address itself is no page
NOT_FOUND = 404


def describe(settings: Settings, accounts: list[Any]) -> dict[str, Any]:
    """The `data` of `linli up --json`, but for the pids."""
    return {
        "home": str(settings.home),
        "urls": urls(settings),
        "accounts": accounts,
        "broker": {
            "host": settings.broker_host,
            "port": settings.broker_port,
            "username": settings.broker_username,
            "password": settings.broker_password,
        },
        "dsn": settings.database_url,
        "owner_dsn": settings.owner_database_url,
    }


def urls(settings: Settings) -> dict[str, str]:
    """The pages that exist, and Temporal's own."""
    everywhere = ("0.0.0.0", "::")  # noqa: S104 - compared only
    host = "127.0.0.1" if settings.web_host in everywhere else settings.web_host
    base = f"http://{host}:{settings.web_port}"
    found = {
        name: base + path for name, path in PAGES.items() if exists(host, settings.web_port, PROBES.get(name, path))
    }
    if settings.temporal_address == f"127.0.0.1:{settings.temporal_port}":
        found["temporal"] = f"http://127.0.0.1:{settings.temporal_ui_port}"
    if embeds_wecom():
        found["wecom_inbox"] = f"http://127.0.0.1:{settings.wecom_port}/"
    return found


def exists(host: str, port: int, path: str) -> bool:
    """Whether the web process knows this page; a redirect to the login is a yes."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status != NOT_FOUND
    finally:
        connection.close()
