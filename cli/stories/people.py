"""A person at a browser: logs in, opens pages, fills in the forms that they show."""

import time
from typing import Any, Self
from urllib.parse import urljoin

import httpx
from lxml import html

PATIENCE_SECONDS = 60.0  # how long a person tries again while a server is away
AGAIN = frozenset({202, 503})
PAUSE_SECONDS = 0.3


class StoryBroke(Exception):
    """A page did not offer or accept what the story needs."""


class Person:
    """One browser session. Every request is repeated while servers are away: the form's command id makes that safe."""

    def __init__(self, base: str, name: str, password: str) -> None:
        self.name = name
        self._client = httpx.Client(base_url=base, follow_redirects=True, timeout=15)
        self._password = password

    def __enter__(self) -> Self:
        page = self._request("GET", "/login")
        fields = self._form(page, "//form[.//input[@name='password']]")
        fields |= {"name": self.name, "password": self._password}
        answered = self._request("POST", "/login", data=fields)
        if answered.url.path == "/login":
            raise StoryBroke(f"{self.name} 无法登录")
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._client.close()

    def see(self, path: str) -> str:
        """A page as HTML."""
        answered = self._request("GET", path)
        if answered.status_code != httpx.codes.OK:
            raise StoryBroke(f"{self.name} 打开 {path} 得到 {answered.status_code}")
        return answered.text

    def ask(self, path: str) -> Any:
        """What the API says, in this person's session."""
        answered = self._request("GET", path, headers={"Accept": "application/json"})
        answered.raise_for_status()
        return answered.json()

    def do(
        self, page: str, command: str, fields: dict[str, str] | None = None, photos: dict[str, bytes] | None = None
    ) -> None:
        """Fill in and send the form of `command` on `page`; raises StoryBroke with what the page answers."""
        shown = self._request("GET", page)
        found = html.fromstring(shown.text).xpath(f"//form[@id='form-{command}']")
        if not found:
            raise StoryBroke(f"{self.name} 在 {page} 没有“{command}”可用")
        sent = {name: value for name, value in found[0].form_values() if isinstance(value, str)} | (fields or {})
        files = {kind: (f"{kind}.jpg", photo, "image/jpeg") for kind, photo in (photos or {}).items()}
        answered = self._request("POST", urljoin(page, found[0].get("action")), data=sent, files=files or None)
        refusal = html.fromstring(answered.text).xpath("//*[contains(@class, 'refusal')]")
        if answered.status_code != httpx.codes.OK or refusal:
            said = refusal[0].text_content().strip() if refusal else answered.text[:200]
            raise StoryBroke(f"{self.name} 的“{command}”得到 {answered.status_code}：{said}")

    def _form(self, page: httpx.Response, where: str) -> dict[str, str]:
        found = html.fromstring(page.text).xpath(where)
        if not found:
            raise StoryBroke(f"{page.url} 没有预期的表单")
        return dict(found[0].form_values())

    def _request(self, method: str, path: str, **more: Any) -> httpx.Response:
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answered = self._client.request(method, path, **more)
            except httpx.TransportError:
                if time.monotonic() > until:
                    raise
            else:
                if answered.status_code not in AGAIN or time.monotonic() > until:
                    return answered
            time.sleep(PAUSE_SECONDS)
