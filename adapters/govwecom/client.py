"""The API of government WeChat: token, send, who opened a page. An answer counts by its errcode alone.

HTTP is 200 nearly always; `errmsg` may hold a hint, an address or nothing and is only shown to people.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from adapters.outcomes import Outcome, Verdict

TIMEOUT = 4.0  # seconds for one request; a send with a stale token makes four
TOKEN_SPARE = 60.0  # seconds before its end at which a token is no longer used
TOKEN_ENDED = frozenset({40014, 42001})
SLOW_DOWN = frozenset({45009, 45033})  # calls per minute, calls at once
SLOW_DOWN_WAIT = timedelta(seconds=60)
FOR_GOOD = frozenset({40003, 40013, 40056, 43101, 60011, 60111, 81013, 93000})  # 43101: the person wants none
SENT, INVALID_USER = 0, "invaliduser"
DUPLICATE_SECONDS = 4 * 3600  # the longest that the API takes


class NotAnswered(Exception):
    """No usable answer: the network, an HTTP error, or something that is not the API's JSON."""


class Refused(Exception):
    """The API answered with an errcode."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(code, said)
        self.code = code
        self.said = said


@dataclass(frozen=True)
class Account:
    """One application of one corporation at one server; `base` is the path before /cgi-bin."""

    host: str
    port: int
    tls: bool
    corp: str
    secret: str
    agent: int
    base: str = ""

    @property
    def url(self) -> str:
        base = self.base.strip("/")
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}{'/' + base if base else ''}"


class Tokens:
    """Access tokens of this process, one per account: the API counts how often they are fetched."""

    def __init__(self) -> None:
        self._kept: dict[Account, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def get(self, account: Account) -> str | None:
        token, until = self._kept.get(account, ("", 0.0))
        return token if time.monotonic() < until else None

    def keep(self, account: Account, token: str, seconds: float) -> None:
        with self._lock:
            self._kept[account] = (token, time.monotonic() + max(seconds - TOKEN_SPARE, seconds / 2))

    def forget(self, account: Account, token: str) -> None:
        """Not one that somebody fetched meanwhile."""
        with self._lock:
            if self._kept.get(account, ("",))[0] == token:
                del self._kept[account]


TOKENS = Tokens()


class Client:
    """Blocking: apprise runs it in a thread of its own."""

    def __init__(self, account: Account, tokens: Tokens = TOKENS) -> None:
        self._account = account
        self._tokens = tokens

    def send(self, user: str, content: Mapping[str, Any]) -> Outcome:
        """Hand one message to one person; never raises."""
        body = {
            "touser": user,
            "agentid": self._account.agent,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DUPLICATE_SECONDS,
            **content,
        }
        try:
            answer = self._with_token("POST", "/cgi-bin/message/send", body=body)
        except NotAnswered as lost:
            return Outcome(Verdict.LATER, "no-answer", str(lost))
        except Refused as refused:
            return _judged(refused)
        if user in str(answer.get(INVALID_USER) or "").split("|"):
            return Outcome(Verdict.REFUSED, INVALID_USER, f"{INVALID_USER}: {answer[INVALID_USER]}")
        return Outcome(Verdict.SENT, str(SENT), message_id=str(answer.get("msgid") or ""))

    def user_of(self, code: str) -> str | None:
        """Whose code this is; None: of nobody in the corporation. Raises NotAnswered or Refused."""
        answer = self._with_token("GET", "/cgi-bin/auth/getuserinfo", code=code)
        user = answer.get("userid") or answer.get("UserId")
        return str(user) if user else None

    def _with_token(self, method: str, path: str, body: Any = None, **query: str) -> dict[str, Any]:
        """With the token we have; once more with a new one where that has ended."""
        token = self._token()
        try:
            return self._ask(method, path, body, {"access_token": token, **query})
        except Refused as refused:
            if refused.code not in TOKEN_ENDED:
                raise
        self._tokens.forget(self._account, token)
        return self._ask(method, path, body, {"access_token": self._token(), **query})

    def _token(self) -> str:
        if token := self._tokens.get(self._account):
            return token
        query = {"corpid": self._account.corp, "corpsecret": self._account.secret}
        answer = self._ask("GET", "/cgi-bin/gettoken", None, query)
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not isinstance(seconds, int):
            raise NotAnswered("gettoken: no token")
        self._tokens.keep(self._account, token, seconds)
        return token

    def _ask(self, method: str, path: str, body: Any, query: Mapping[str, str]) -> dict[str, Any]:
        """Raises NotAnswered, Refused. No message names the query: it holds secret and token."""
        try:
            answer = httpx.request(method, self._account.url + path, params=query, json=body, timeout=TIMEOUT)
            said = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL) as lost:
            raise NotAnswered(f"{path}: {type(lost).__name__}") from lost
        except ValueError as wrong:
            raise NotAnswered(f"{path}: HTTP {answer.status_code}") from wrong
        if not isinstance(said, dict) or not isinstance(said.get("errcode", SENT), int):
            raise NotAnswered(f"{path}: HTTP {answer.status_code}")
        if said.get("errcode", SENT) != SENT:
            raise Refused(said["errcode"], str(said.get("errmsg") or ""))
        if answer.is_error:
            raise NotAnswered(f"{path}: HTTP {answer.status_code}")
        return said


def _judged(refused: Refused) -> Outcome:
    """What we do not know may pass: it is tried again until the sender's patience ends."""
    if refused.code in FOR_GOOD:
        return Outcome(Verdict.REFUSED, str(refused.code), refused.said)
    wait = SLOW_DOWN_WAIT if refused.code in SLOW_DOWN else timedelta(0)
    return Outcome(Verdict.LATER, str(refused.code), refused.said, wait=wait)
