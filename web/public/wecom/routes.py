"""A card's link: the case on the phone, logged in by government WeChat's OAuth where nobody is yet."""

import asyncio
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from activities.tell.channels import account_of
from adapters.govwecom.client import Account, Client, NotAnswered, Refused
from store import links, messages, people, sessions
from store.links import Goal
from store.pool import viewed_by
from web.problems import Problem
from web.security import Viewer, keep_session, needs, session_of
from web.services import services

router = APIRouter(include_in_schema=False)
BROWSER = "linli_oauth"  # cookie: binds the round to the browser that began it
BACK = "/w/back"


@router.get("/w", dependencies=[needs("public")])
async def open_card(request: Request, case: UUID | None = None, m: UUID | None = None) -> Response:
    """To the case where somebody is signed in; else by way of government WeChat, or of the login page."""
    session = session_of(request)
    if session is not None and session.case_id in (None, case):
        await _opened(request, Viewer(session), m)
        return RedirectResponse(_page(case), 303)
    served = services(request)
    account = account_of(served.settings)
    if account is None:
        return RedirectResponse("/login?" + urlencode({"next": _page(case)}), 303)
    async with served.reach.pool.connection() as connection:
        state, browser = await links.begin(connection, Goal(case, m))
    answer = RedirectResponse(_authorize(account, served.settings.public_url.rstrip("/") + BACK, state), 303)
    lasts = int(links.STATE_LASTS.total_seconds())
    secure = request.url.scheme == "https"
    answer.set_cookie(BROWSER, browser, max_age=lasts, path="/w", httponly=True, samesite="lax", secure=secure)
    return answer


@router.get(BACK, dependencies=[needs("public")])
async def come_back(request: Request, code: str = "", state: str = "") -> Response:
    """From government WeChat with a code: who that is gets a session. Raises Problem."""
    served = services(request)
    async with served.reach.pool.connection() as connection:
        goal = await links.end(connection, state, request.cookies.get(BROWSER, ""))
    account = account_of(served.settings)
    if goal is None or account is None:
        raise Problem(403, "login-round-over")
    try:
        user = await asyncio.to_thread(Client(account).user_of, code)
    except NotAnswered as lost:
        raise Problem(503, "login-unavailable") from lost
    except Refused as refused:
        raise Problem(403, "login-unknown") from refused
    async with served.reach.pool.connection() as connection:
        person = await people.by_wecom_id(connection, user) if user else None
    if person is None:
        raise Problem(403, "login-unknown")
    token = await sessions.begin(served.pool, person)
    session = await sessions.find(served.pool, token)
    if session is None:
        raise Problem(403, "login-unknown")
    await _opened(request, Viewer(session), goal.message)
    answer = RedirectResponse(_page(goal.case_id), 303)
    answer.delete_cookie(BROWSER, path="/w")
    keep_session(answer, request, token)
    return answer


async def _opened(request: Request, viewer: Viewer, message: UUID | None) -> None:
    if message is not None:
        async with viewed_by(services(request).reach.pool, ("*",)) as connection:
            await messages.opened(connection, viewer.person.id, message=message)


def _page(case: UUID | None) -> str:
    return f"/m/cases/{case}" if case else "/"


def _authorize(account: Account, back: str, state: str) -> str:
    query = {
        "appid": account.corp,
        "redirect_uri": back,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": state,
        "agentid": account.agent,
    }
    return f"{account.url}/connect/oauth2/authorize?{urlencode(query)}#wechat_redirect"
