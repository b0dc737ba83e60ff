"""Every route declares what it needs; a route that does not is refused at start-up (web/pages.py)."""

import hmac
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from domain.people import Role
from store import sessions
from store.sessions import Session
from web.problems import NotSignedIn, Problem
from web.services import services

COOKIE = "linli_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OTHER_SITES = frozenset({"cross-site", "same-site"})
TOKEN_HEADER = "X-CSRF-Token"  # noqa: S105 - the header's name
MOST_FIELDS = 5_000  # of a form: a large decision table has two for each cell
TOKEN_FIELD = "csrf"  # noqa: S105 - the field's name
OF_ITS_CASE = ("/evidence/", "/logout")  # row security decides which photos
Kind = Literal["public", "session", "device"]


class Needs:
    """A dependency that lets a request through, or raises NotSignedIn or Problem.

    `public`: anybody. `session`: who signed in. `device`: a source with credentials of its own, which the route checks.
    Roles: who signed in and has one of them.
    """

    def __init__(self, *what: Kind | Role) -> None:
        self.roles = frozenset(one for one in what if isinstance(one, Role))
        self.words = tuple(one.value if isinstance(one, Role) else one for one in what)

    async def __call__(self, request: Request) -> AsyncIterator[None]:
        await self._let_in(request)
        try:
            yield
        finally:
            if hasattr(request.state, "form"):
                await request.state.form.close()

    async def _let_in(self, request: Request) -> None:
        if request.scope.get("linli.too_large"):
            raise Problem(
                413, "photo-too-large" if _is_upload(request) else "body-too-large", field="body", limit_mb=15
            )
        token = request.cookies.get(COOKIE)
        if "device" in self.words:
            return
        session = await sessions.find(services(request).pool, token) if token else None
        request.state.session = session
        if "public" in self.words:
            return
        if session is None:
            raise NotSignedIn
        if session.case_id is not None:
            stay_with(session.case_id, request)
        if self.roles and not self.roles & session.person.actor.roles:
            raise Problem(403, "page-not-yours")
        if request.method not in SAFE_METHODS:
            await refuse_foreign(request, session)


def needs(*what: Kind | Role) -> Any:
    return Depends(Needs(*what))


def stay_with(case_id: UUID, request: Request) -> None:
    """A session that came by a one-time link opens its case and what belongs to it. Raises Problem."""
    asked = request.path_params.get("case_id")
    if asked is None:
        if not request.url.path.startswith(OF_ITS_CASE):
            raise Problem(403, "link-one-case")
    elif str(asked).lower() != str(case_id):
        raise Problem(404, "not-found")


def _is_upload(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("multipart/form-data")


async def refuse_foreign(request: Request, session: Session) -> None:
    """A changing request comes from our own page (as the browser says) or brings the session's token."""
    if request.headers.get("sec-fetch-site") == "same-origin":
        return
    brought = request.headers.get(TOKEN_HEADER)
    if brought is None and not request.headers.get("content-type", "").startswith("application/json"):
        form = await read_form(request)
        value = form.get(TOKEN_FIELD)
        brought = value if isinstance(value, str) else None
    if brought is None or not hmac.compare_digest(brought.encode(), session.csrf.encode()):
        raise Problem(403, "csrf")


def refuse_other_sites(request: Request) -> None:
    """For forms of people without a session: another site's page does not send them, as far as the browser says.

    Raises Problem.
    """
    if request.headers.get("sec-fetch-site") in OTHER_SITES:
        raise Problem(403, "csrf")


async def read_form(request: Request) -> Any:
    """The form's fields and files, read once; a text field has at most 1 MB, a form at most 8 files."""
    if not hasattr(request.state, "form"):
        request.state.form = await request.form(max_files=8, max_fields=MOST_FIELDS, max_part_size=1024 * 1024)
    return request.state.form


class Viewer:
    """Who looks: the person, what they may see, and their session's token for forms."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.person = session.person
        self.actor = session.person.actor
        self.csrf = session.csrf
        self.one_case = session.case_id is not None  # came by a one-time link
        self.sight = (f"case:{session.case_id}",) if self.one_case else self.actor.sight

    def has(self, *roles: Role) -> bool:
        return bool(self.actor.roles.intersection(roles))


def keep_session(answer: Response, request: Request, token: str) -> None:
    """Give the browser its session."""
    answer.set_cookie(
        COOKIE,
        token,
        max_age=int(sessions.LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def session_of(request: Request) -> Session | None:
    return cast("Session | None", getattr(request.state, "session", None))


def viewer_of(request: Request) -> Viewer:
    session = session_of(request)
    if session is None:
        raise NotSignedIn
    return Viewer(session)


Looking = Annotated[Viewer, Depends(viewer_of)]
