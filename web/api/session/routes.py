"""Who is signed in, and the token that scripts send with what changes something."""

from typing import Any

from fastapi import APIRouter

from web.security import Looking, needs

router = APIRouter(prefix="/api/v1", tags=["session"])


@router.get("/session", dependencies=[needs("session")])
async def session(viewer: Looking) -> dict[str, Any]:
    """`csrf` goes into the header X-CSRF-Token of every changing request."""
    person = viewer.person
    return {
        "id": person.id,
        "name": person.name,
        "display_name": person.display_name,
        "roles": [role.value for role in person.roles],
        "areas": list(person.areas),
        "unit": person.unit,
        "csrf": viewer.csrf,
        "expires_at": viewer.session.expires_at,
    }
