"""Government WeChat for apprise: `govwecoms://CORP:SECRET@HOST:PORT/AGENT/@user?base=&card=&link=`.

`govwecom://` is the same without TLS. The stock plugins hard-code the public host and take an errcode for success.
apprise says only whether it worked, so the plugin keeps `last_outcome` for who must know why.
"""

from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import quote, unquote, urlencode

from apprise import NotifyFormat, NotifyType
from apprise.plugins.base import NotifyBase

from adapters.govwecom.bytes import DESCRIPTION_BYTES, TEXT_BYTES, TITLE_BYTES, URL_BYTES, cut
from adapters.govwecom.client import Account, Client
from adapters.outcomes import Outcome, Verdict

CARDS = ("textcard", "template_card", "text")
OPEN = "打开案件"
TAGS = str.maketrans("<>", "＜＞")  # a card's description reads them as markup


def content(card: str, title: str, text: str, link: str) -> dict[str, Any]:
    """The message's own part of the body; a card without a link is a text."""
    if card == "text" or not link:
        lines = "\n".join(filter(None, (title, text)))
        room = TEXT_BYTES - len(f"\n{link}".encode()) if link else TEXT_BYTES
        return {"msgtype": "text", "text": {"content": cut(lines, room) + (f"\n{link}" if link else "")}}
    if len(link.encode()) > URL_BYTES:
        raise ValueError("link too long")
    title = cut(title or text, TITLE_BYTES)
    if card == "template_card":
        shown = {
            "card_type": "text_notice",
            "main_title": {"title": title},
            "sub_title_text": cut(text, DESCRIPTION_BYTES),
            "jump_list": [{"type": 1, "title": OPEN, "url": link}],
            "card_action": {"type": 1, "url": link},
        }
        return {"msgtype": card, card: shown}
    description = cut(text.translate(TAGS), DESCRIPTION_BYTES)
    return {"msgtype": card, card: {"title": title, "description": description, "url": link, "btntxt": OPEN}}


class NotifyGovWecom(NotifyBase):  # type: ignore[misc]  # apprise is not followed: pyproject.toml
    """One application that tells the people named in the address."""

    service_name = "政务微信"
    service_url = "https://developer.work.weixin.qq.com/"
    setup_url = "https://developer.work.weixin.qq.com/document/path/90236"
    protocol = "govwecom"
    secure_protocol = "govwecoms"
    request_rate_per_sec = 0  # the sender keeps the pace
    body_maxlen = 32_768  # the API's limits are in bytes: `content` cuts
    title_maxlen = 1_024
    notify_format = NotifyFormat.TEXT
    templates = ("{schema}://{user}:{password}@{host}:{port}/{agent}/{targets}",)
    template_tokens: ClassVar[dict[str, Any]] = {
        **NotifyBase.template_tokens,
        "user": {"name": "Corp", "type": "string", "required": True},
        "password": {"name": "Secret", "type": "string", "private": True, "required": True},
        "host": {"name": "Host", "type": "string", "required": True},
        "port": {"name": "Port", "type": "int", "min": 1, "max": 65535},
        "agent": {"name": "Agent", "type": "int", "required": True},
        "target_user": {"name": "User", "type": "string", "prefix": "@", "map_to": "targets"},
        "targets": {"name": "Users", "type": "list:string", "required": True},
    }
    template_args: ClassVar[dict[str, Any]] = {
        **NotifyBase.template_args,
        "base": {"name": "Base path", "type": "string"},
        "card": {"name": "Card", "type": "choice:string", "values": CARDS, "default": CARDS[0]},
        "link": {"name": "Link", "type": "string"},
    }

    def __init__(
        self, agent: str, targets: Sequence[str], base: str = "", card: str = CARDS[0], link: str = "", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if not (self.user and self.password and self.host and agent.isdigit() and targets and card in CARDS):
            raise TypeError("govwecom: corp, secret, host, agent, a user and a known card are needed")
        self.targets, self.base, self.card, self.link = tuple(targets), base, card, link
        self.account = Account(
            host=self.host,
            port=self.port or (443 if self.secure else 80),
            tls=bool(self.secure),
            corp=self.user,
            secret=self.password,
            agent=int(agent),
            base=base,
        )
        self.last_outcome = Outcome(Verdict.LATER, "not-tried")

    def send(self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **_: Any) -> bool:
        """Each of the targets by itself; `last_outcome` is that of the first who could not be reached."""
        del notify_type
        message = content(self.card, title, body, self.link)
        client = Client(self.account)
        outcomes = [client.send(user, message) for user in self.targets]
        bad = [outcome for outcome in outcomes if outcome.verdict is not Verdict.SENT]
        self.last_outcome = (bad or outcomes)[0]
        return not bad

    def url(self, privacy: bool = False, *args: Any, **kwargs: Any) -> str:
        secret = self.pprint(self.account.secret, privacy, safe="")
        return address(self.account, self.targets, self.card, self.link, secret=secret) + _rest(
            self.url_parameters(*args, privacy=privacy, **kwargs)
        )

    @staticmethod
    def parse_url(url: str) -> dict[str, Any] | None:
        results: dict[str, Any] | None = NotifyBase.parse_url(url, verify_host=False)
        if not results:
            return results
        path = [unquote(part) for part in (results["fullpath"] or "").strip("/").split("/")]
        results["agent"] = path[0]
        results["targets"] = [name.removeprefix("@") for name in path[1:]]
        for name in ("base", "card", "link"):
            if given := results["qsd"].get(name):
                results[name] = given
        return results


def address(account: Account, users: Sequence[str], card: str, link: str, *, secret: str | None = None) -> str:
    """The apprise address of an account for these people and one message."""
    schema = "govwecoms" if account.tls else "govwecom"
    secret = quote(account.secret, safe="") if secret is None else secret
    to = "/".join(f"@{quote(user, safe='')}" for user in users)
    query = urlencode({"base": account.base, "card": card, "link": link})
    corp = quote(account.corp, safe="")
    return f"{schema}://{corp}:{secret}@{account.host}:{account.port}/{account.agent}/{to}?{query}"


def _rest(parameters: dict[str, str]) -> str:
    return f"&{urlencode(parameters)}" if parameters else ""


def plugin_for(url: str) -> NotifyGovWecom:
    """The plugin of an address without asking apprise, which would load its hundred others first. Raises TypeError."""
    return NotifyGovWecom(**(NotifyGovWecom.parse_url(url) or {}))
