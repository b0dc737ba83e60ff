"""The stand-in's addresses: the API, the OAuth, the hooks of SMS and voice, the phones as a page and as JSON."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, FastAPI, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, Template
from pydantic import BaseModel
from standardwebhooks import Webhook, WebhookVerificationError

from adapters.govwecom.standin.api import Answer, Api, Fault, now_utc
from adapters.govwecom.standin.phones import Phones, Received

HERE = Path(__file__).parent
USER = "standin_user"  # cookie: whose phone this browser is
HOOK_SECONDS = 24 * 3600  # a repeated hook is known by its id for a day


@dataclass(frozen=True)
class Standin:
    """What one stand-in answers from."""

    api: Api
    phones: Phones
    hook_secret: str
    zone: tzinfo


class Asked(BaseModel):
    """A fault on demand."""

    errcode: int
    times: int = 1
    user: str | None = None


def create_app(
    *,
    corp: str,
    secret: str,
    agent: int,
    hook_secret: str,
    file: Path | str = ":memory:",
    directory: Callable[[], Mapping[str, str]] = dict,
    token_seconds: int = 7200,
    zone: tzinfo = UTC,
) -> FastAPI:
    """`directory`: members by account, with their names. `file`: where the phones' messages are kept.

    `zone`: in which the page tells the time.
    """
    phones = Phones(file)
    api = Api(corp, secret, agent, phones, directory, token_seconds)
    app = FastAPI(title="Stand-in for government WeChat", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.standin = Standin(api, phones, hook_secret, zone)
    app.include_router(router)
    return app


router = APIRouter()


def _standin(request: Request) -> Standin:
    standin: Standin = request.app.state.standin
    return standin


@router.get("/cgi-bin/gettoken")
def token(request: Request, corpid: str = "", corpsecret: str = "") -> Answer:
    return _standin(request).api.token(corpid, corpsecret)


@router.post("/cgi-bin/message/send")
def send(request: Request, body: Answer, access_token: str = "") -> Answer:
    return _standin(request).api.send(access_token, body)


@router.get("/cgi-bin/auth/getuserinfo")
def user_info(request: Request, access_token: str = "", code: str = "") -> Answer:
    return _standin(request).api.user_of(access_token, code)


@router.get("/connect/oauth2/authorize")
def authorize(
    request: Request,
    appid: str = "",
    redirect_uri: str = "",
    state: str = "",
    chosen: Annotated[str, Query(alias="as")] = "",
) -> Response:
    """Back at once, as the member whose phone this is; who has none yet chooses one."""
    api = _standin(request).api
    back = urlsplit(redirect_uri)
    if appid != api.corp or back.scheme not in ("http", "https"):
        raise HTTPException(400, "appid or redirect_uri")
    user = chosen or request.cookies.get(USER, "")
    if not user:
        return _page("choose.html", members=sorted(api.directory().items()), query=str(request.url.query))
    joined = "&" if back.query else "?"
    answer = RedirectResponse(f"{redirect_uri}{joined}{urlencode({'code': api.code_for(user), 'state': state})}", 302)
    answer.set_cookie(USER, user, httponly=True, samesite="lax")
    return answer


@router.post("/hooks/{channel}")
async def hook(request: Request, channel: Literal["sms", "voice"]) -> Answer:
    """A text or a call, as a provider would get it; 401 where the signature is wrong."""
    standin = _standin(request)
    try:
        said = Webhook(standin.hook_secret).verify(await request.body(), dict(request.headers))
        message = Received(
            id=said["id"],
            to=said["to"],
            to_name=said["name"],
            channel=channel,
            title=said["title"],
            text=said["text"],
            url=said["url"],
            at=now_utc(),
            read_at=None,
        )
    except (WebhookVerificationError, ValueError, KeyError, TypeError) as wrong:
        raise HTTPException(401, "signature") from wrong
    return {"id": standin.phones.deliver(message, f"{channel}:{message.id}", HOOK_SECONDS)}


@router.post("/faults")
def add_fault(request: Request, asked: Asked) -> Answer:
    faults = _standin(request).api.faults
    faults.append(Fault(asked.errcode, asked.times, asked.user))
    return {"waiting": len(faults)}


@router.delete("/faults")
def clear_faults(request: Request) -> Answer:
    _standin(request).api.faults.clear()
    return {"waiting": 0}


@router.get("/inbox.json")
def inbox_json(request: Request, to: str = "") -> Answer:
    found = [message.json for message in _standin(request).phones.all() if to in ("", message.to, message.to_name)]
    return {"items": found, "next": None}


@router.get("/read-state/{message}")
def read_state(request: Request, message: str) -> Answer:
    """Only here: the real API has none for messages of an application."""
    for one in _standin(request).phones.all():
        if one.id == message:
            return {"id": one.id, "read_at": one.json["read_at"]}
    raise HTTPException(404)


@router.get("/open/{message}")
def open_message(request: Request, message: str) -> Response:
    """What a tap on the message does: it is read, and its link opens on the phone of that person."""
    opened = _standin(request).phones.open(message, now_utc())
    if opened is None:
        raise HTTPException(404)
    answer = RedirectResponse(opened.url or "/", 303)
    if opened.channel == "wecom":
        answer.set_cookie(USER, opened.to, httponly=True, samesite="lax")
    return answer


@router.get("/inbox.css")
def style() -> Response:
    return Response((HERE / "inbox.css").read_bytes(), media_type="text/css")


@router.get("/")
def inbox(request: Request) -> Response:
    """The phones side by side, whose message is the newest first."""
    newest: dict[str, int] = {}
    messages = _standin(request).phones.all()
    for place, message in enumerate(messages):
        newest.setdefault(message.to_name, place)
    ordered = sorted(messages, key=lambda message: newest[message.to_name])
    phones = [(name, list(group)) for name, group in groupby(ordered, key=lambda message: message.to_name)]
    return _page("inbox.html", phones=phones, zone=_standin(request).zone)


def _page(template: str, **given: object) -> HTMLResponse:
    return HTMLResponse(_template(template).render(given))


@cache
def _template(name: str) -> Template:
    return Environment(
        loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True
    ).get_template(name)
