"""The contact key's work in a web process: sealing, masking, follow links, and who asks too often."""

from functools import cache

from starlette.requests import Request

from store import attempts
from store.contacts import Contacts
from web.problems import Problem
from web.services import services


@cache
def _contacts(key: str) -> Contacts:
    return Contacts(key)


def contacts_of(request: Request) -> Contacts:
    """Raises ContactKeyMissing."""
    return _contacts(services(request).settings.contact_key)


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


async def not_too_often(request: Request, what: str, most: int, of: str = "") -> bytes:
    """The sender, for `attempts.note`: this address, or whoever `of` names.

    Raises Problem 429 where they did it `most` times within the hour.
    """
    sender = attempts.sender_of(contacts_of(request), of or address_of(request))
    if await attempts.tried(services(request).pool, what, sender) >= most:
        raise Problem(429, f"too-many-{what}", minutes=int(attempts.WITHIN.total_seconds() // 60))
    return sender
