"""The API as the real one answers: HTTP 200, an errcode that says how it went."""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from adapters.govwecom.bytes import DESCRIPTION_BYTES, TEXT_BYTES, TITLE_BYTES
from adapters.govwecom.standin.phones import Phones, Received, new_id

Answer = dict[str, Any]
Clock = Callable[[], datetime]
CODE_SECONDS = 300  # an OAuth code is good once, for five minutes
DUPLICATE_SECONDS = 1800  # where the caller says nothing else
LONGEST_DUPLICATE_SECONDS = 4 * 3600
WORDS = {
    0: "ok",
    -1: "system busy",
    40001: "invalid credential",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40029: "invalid code",
    40056: "invalid agentid",
    42001: "access_token expired, hint: [1700000000_28_stand-in], from ip: 127.0.0.1, more info at the real one",
    43101: "user refuse to accept the msg",
    44004: "empty content",
    45009: "api freq out of limit",
    60011: "no privilege to access/modify contact/party/agent",
    81013: "user & party & tag all invalid",
    93000: "invalid robot webhook url",
}


def says(code: int, **more: Any) -> Answer:
    return {"errcode": code, "errmsg": WORDS.get(code, "stand-in"), **more}


def now_utc() -> datetime:
    return datetime.now(UTC)


@dataclass
class Fault:
    """An errcode to be answered `times` times; of sends to `user` only, where one is named."""

    errcode: int
    times: int = 1
    user: str | None = None


@dataclass
class Api:
    """One corporation with one application. `directory` names its members; an empty one takes anybody."""

    corp: str
    secret: str
    agent: int
    phones: Phones
    directory: Callable[[], Mapping[str, str]]
    token_seconds: int = 7200
    clock: Clock = now_utc
    faults: list[Fault] = field(default_factory=list)
    _tokens: dict[str, float] = field(default_factory=dict)
    _codes: dict[str, tuple[str, float]] = field(default_factory=dict)

    def token(self, corp: str, secret: str) -> Answer:
        if corp != self.corp:
            return says(40013)
        if not secrets.compare_digest(secret.encode(), self.secret.encode()):
            return says(40001)
        now = self.clock().timestamp()
        token = next((one for one, until in self._tokens.items() if until > now), None)
        if token is None:
            token = secrets.token_urlsafe(48)
            self._tokens[token] = now + self.token_seconds
        return says(0, access_token=token, expires_in=int(self._tokens[token] - now))

    def wrong_token(self, token: str) -> Answer | None:
        until = self._tokens.get(token)
        if until is None:
            return says(40014)
        return says(42001, ip_list=[]) if until <= self.clock().timestamp() else None

    def send(self, token: str, body: Answer) -> Answer:
        """One message to the people of `touser` (`a|b`), each a phone of its own."""
        if wrong := self.wrong_token(token) or self._fault(None):
            return wrong
        if body.get("agentid") != self.agent:
            return says(40056)
        users = [user for user in str(body.get("touser") or "").split("|") if user]
        title, text, url = shown(body)
        if not (title or text):
            return says(44004)
        refused = {user: fault for user in users if (fault := self._fault(user))}
        if refused and len(users) == 1:
            return refused[users[0]]
        known = self.directory()
        invalid = [user for user in users if user in refused or (known and user not in known)]
        if len(invalid) == len(users):
            return says(81013, invaliduser="|".join(invalid))
        key, within = new_id(), 0.0
        if body.get("enable_duplicate_check"):
            key = _fingerprint(body)
            asked = int(body.get("duplicate_check_interval") or DUPLICATE_SECONDS)
            within = min(asked, LONGEST_DUPLICATE_SECONDS)
        ids = []
        for user in users:
            if user not in invalid:
                name = known.get(user, user)
                message = Received(new_id(), user, name, "wecom", title, text, url, self.clock(), None)
                ids.append(self.phones.deliver(message, key, within))
        return says(0, msgid=ids[0], **({"invaliduser": "|".join(invalid)} if invalid else {}))

    def code_for(self, user: str) -> str:
        code = secrets.token_urlsafe(24)
        self._codes[code] = (user, self.clock().timestamp() + CODE_SECONDS)
        return code

    def user_of(self, token: str, code: str) -> Answer:
        if wrong := self.wrong_token(token):
            return wrong
        user, until = self._codes.pop(code, ("", 0.0))
        return says(0, userid=user) if until > self.clock().timestamp() else says(40029)

    def _fault(self, user: str | None) -> Answer | None:
        for fault in self.faults:
            if fault.user == user:
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return says(fault.errcode)
        return None


def shown(body: Answer) -> tuple[str, str, str]:
    """Title, text and link as the phone shows them: what is too long is cut by bytes, as the real one does."""
    kind = str(body.get("msgtype") or "")
    part = body.get(kind)
    if not isinstance(part, dict):
        return "", "", ""
    if kind == "text":
        return "", _cut(part.get("content"), TEXT_BYTES), ""
    if kind == "textcard":
        title, text = _cut(part.get("title"), TITLE_BYTES), _cut(part.get("description"), DESCRIPTION_BYTES)
        return title, text, str(part.get("url") or "")
    main, action = part.get("main_title") or {}, part.get("card_action") or {}
    title, text = _cut(main.get("title"), TITLE_BYTES), _cut(part.get("sub_title_text"), DESCRIPTION_BYTES)
    return title, text, str(action.get("url") or "")


def _cut(text: Any, limit: int) -> str:
    return str(text or "").encode()[:limit].decode(errors="replace")


def _fingerprint(body: Answer) -> str:
    content = {name: value for name, value in body.items() if name != "touser"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
