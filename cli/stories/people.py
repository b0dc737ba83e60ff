"""A person at a browser: logs in, opens pages, fills in the forms that they show."""

import time
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import quote, urljoin

import httpx
from lxml import html

PATIENCE_SECONDS = 60.0  # how long a person tries again while a server is away
AGAIN = frozenset({202, 503})
PAUSE_SECONDS = 0.3
Filled = str | list[str]  # a list: several options of one field


class StoryBroke(Exception):
    """A page did not offer or accept what the story needs."""


def _refusal(answered: httpx.Response) -> str | None:
    """What the page answers where it refuses."""
    refused = html.fromstring(answered.text).xpath("//*[contains(@class, 'refusal')]")
    if refused:
        return str(refused[0].text_content()).strip()
    return None if answered.status_code == httpx.codes.OK else f"{answered.status_code}：{answered.text[:200]}"


class Browser:
    """One browser. Every request is repeated while servers are away: the form's command id makes that safe."""

    def __init__(self, base: str, name: str) -> None:
        self.name = name
        self._client = httpx.Client(base_url=base, follow_redirects=True, timeout=15)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._client.close()

    def see(self, path: str) -> str:
        """A page as HTML."""
        answered = self._request("GET", path)
        if answered.status_code != httpx.codes.OK:
            raise StoryBroke(f"{self.name} 打开 {path} 得到 {answered.status_code}")
        return answered.text

    def do(
        self, page: str, command: str, fields: dict[str, str] | None = None, photos: dict[str, bytes] | None = None
    ) -> None:
        """Fill in and send the form of `command` on `page`; raises StoryBroke with what the page answers."""
        refusal = self.tries(page, command, fields, photos)
        if refusal is not None:
            raise StoryBroke(f"{self.name} 的“{command}”：{refusal}")

    def tries(
        self, page: str, command: str, fields: dict[str, str] | None = None, photos: dict[str, bytes] | None = None
    ) -> str | None:
        """As `do`; what the page answers where it refuses."""
        return _refusal(self._sent(page, f"//form[@id='form-{command}']", fields or {}, photos or {}))

    def fills(self, page: str, where: str, fields: dict[str, Filled] | None = None) -> str:
        """Fill in and send the form at `where` (an XPath) on `page`; the path that it leads to.

        Raises StoryBroke with what the page answers.
        """
        answered = self._sent(page, where, fields or {}, {})
        if answered.status_code != httpx.codes.OK:
            raise StoryBroke(f"{self.name} 在 {page}：{_refusal(answered)}")
        return str(answered.url.path)

    def choice(self, page: str, command: str, field: str, words: str) -> str:
        """The value of the field's option that says `words`, in the form of `command` on `page`."""
        return self.option(page, f"//form[@id='form-{command}']", field, words)

    def option(self, page: str, where: str, field: str, words: str) -> str:
        """The same, in the form at `where` (an XPath)."""
        for option in html.fromstring(self.see(page)).xpath(f"{where}//select[@name='{field}']//option"):
            if words in option.text_content():
                return str(option.get("value"))
        raise StoryBroke(f"{page} 的“{field}”里没有可选的：{words}")

    def _sent(self, page: str, where: str, fields: Mapping[str, Filled], photos: dict[str, bytes]) -> httpx.Response:
        shown = self._request("GET", page)
        found = html.fromstring(shown.text).xpath(where)
        if not found:
            raise StoryBroke(f"{self.name} 在 {page} 没有 {where}")
        sent = {name: value for name, value in found[0].form_values() if isinstance(value, str)} | {**fields}
        files = {kind: (f"{kind}.jpg", photo, "image/jpeg") for kind, photo in photos.items()}
        target = urljoin(str(shown.url), found[0].get("action"))
        return self._request("POST", target, data=sent, files=files or None)

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


class Resident(Browser):
    """Somebody without an account."""

    def __init__(self, base: str) -> None:
        super().__init__(base, "居民")

    def report(self, place: str, text: str, *, phone: str = "", photo: bytes | None = None) -> str:
        """Scan the code of a place and report; the path of the follow link."""
        fields = {"text": text, "phone": phone, "looked": "1"}
        answered = self._sent(
            f"/report?place={quote(place)}", "//form[@id='report']", fields, {"photo": photo} if photo else {}
        )
        if not answered.url.path.startswith("/f/"):
            raise StoryBroke(f"诉求没有收下：{answered.status_code} {answered.url.path}")
        return str(answered.url.path)

    def says(self, follow: str, name: str, fields: dict[str, str]) -> None:
        """Answer on the follow page: rate, say that it is not solved."""
        answered = self._sent(follow, f"//form[@action='{follow}/{name}']", fields, {})
        if f"done={name}" not in str(answered.url):
            raise StoryBroke(f"{name}：{answered.status_code} {answered.url}")

    def enters(self, link: str) -> None:
        """Open a one-time link and press its button."""
        answered = self._sent(link, "//form[@method='post']", {}, {})
        if not answered.url.path.startswith("/m/cases/"):
            raise StoryBroke(f"一次性链接打不开：{answered.status_code}")


class Person(Browser):
    """Somebody with an account."""

    def __init__(self, base: str, name: str, password: str) -> None:
        super().__init__(base, name)
        self._password = password

    def __enter__(self) -> Self:
        page = self._request("GET", "/login")
        fields = self._form(page, "//form[.//input[@name='password']]")
        fields |= {"name": self.name, "password": self._password}
        answered = self._request("POST", "/login", data=fields)
        if answered.url.path == "/login":
            raise StoryBroke(f"{self.name} 无法登录")
        return self

    def ask(self, path: str) -> Any:
        """What the API says, in this person's session."""
        answered = self._request("GET", path, headers={"Accept": "application/json"})
        answered.raise_for_status()
        return answered.json()

    def _form(self, page: httpx.Response, where: str) -> dict[str, str]:
        found = html.fromstring(page.text).xpath(where)
        if not found:
            raise StoryBroke(f"{page.url} 没有预期的表单")
        return dict(found[0].form_values())
