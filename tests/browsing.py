"""What tests of pages share: a browser without a browser, and photos."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from PIL import Image
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from selectolax.lexbor import LexborNode as Node

from store.seed.accounts import PASSWORD


def a_jpeg(width: int = 64, height: int = 48) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#345").save(out, "JPEG")
    return out.getvalue()


def just_now(minutes: float = 10) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=minutes)


class Browser(httpx.AsyncClient):
    """Follows no redirects; reads the pages it gets."""

    csrf = ""

    async def sign_in(self, name: str, password: str = PASSWORD) -> "Browser":
        sent = {"name": name, "password": password}
        answer = await self.post("/login", data=sent, headers={"accept": "application/json"})
        assert answer.status_code == 200, answer.text
        self.csrf = answer.json()["csrf"]
        return self

    async def page(self, path: str) -> HTMLParser:
        answer = await self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:400])
        return HTMLParser(answer.text)

    async def submit(self, form: Node, files: Any = None, **changed: str) -> httpx.Response:
        """Send a form of a page as a browser without JavaScript does."""
        fields = {
            field.attributes["name"]: field.attributes.get("value") or "" for field in form.css("input[type=hidden]")
        }
        return await self.post(form.attributes["action"] or "", data={**fields, **changed}, files=files)

    async def command(self, case_id: UUID, name: str, body: Any = None, key: UUID | None = None) -> httpx.Response:
        headers = {"X-CSRF-Token": self.csrf, "Idempotency-Key": str(key or uuid4())}
        return await self.post(f"/api/v1/cases/{case_id}/commands/{name}", json=body or {}, headers=headers)
