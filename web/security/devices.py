"""Where a password is typed: a device that signed in to the account before is known by a cookie, others by address.

The cookie is OWASP's device cookie: it lets nobody in, it only counts its own wrong passwords apart from a stranger's.
"""

import hmac
import os
from base64 import b64encode
from functools import cache
from secrets import token_urlsafe

from starlette.requests import Request
from starlette.responses import Response

from store.contacts import KEY_BYTES, ContactKeyMissing, Contacts
from store.logins import Source
from web.contacts import address_of, contacts_of

COOKIE = "linli_device"
LASTS = 90 * 24 * 3600  # seconds


def source_of(request: Request, name: str) -> Source:
    keys = _keys(request)
    nonce, _, mac = request.cookies.get(COOKIE, "").partition(".")
    known = hmac.compare_digest(mac.encode(), _mac(keys, name, nonce).encode())
    where = f"device/{nonce}" if known else f"address/{address_of(request)}"
    return Source(keys.index(f"login/{name}/{where}")[:16], keys.index(f"account/{name}")[:16], known)


def know_device(answer: Response, request: Request, name: str) -> None:
    """The browser that signed in is told from others the next time."""
    nonce = token_urlsafe(16)
    answer.set_cookie(
        COOKIE,
        f"{nonce}.{_mac(_keys(request), name, nonce)}",
        max_age=LASTS,
        path="/login",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def _mac(keys: Contacts, name: str, nonce: str) -> str:
    return keys.token(f"device/{len(name)}/{name}/{nonce}")


def _keys(request: Request) -> Contacts:
    try:
        return contacts_of(request)
    except ContactKeyMissing:  # people sign in all the same
        return _of_this_process()


@cache
def _of_this_process() -> Contacts:
    return Contacts(b64encode(os.urandom(KEY_BYTES)).decode())
