"""The ways to a person: government WeChat by apprise, SMS and calls by their hooks."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import structlog
from apprise import Apprise

from activities.tell.recipients import Recipient
from adapters import hooks
from adapters.govwecom.client import Account
from adapters.govwecom.plugin import address, plugin_for
from adapters.hooks import Spoken
from adapters.outcomes import Outcome, Verdict
from settings import Settings
from store.contacts import Contacts, Unopenable

log = structlog.get_logger("notifier")
PATIENCE_SECONDS = 15  # with one send, however many requests it takes; below the lease of a message


@dataclass(frozen=True)
class Letter:
    """A message as a channel gets it."""

    id: UUID
    title: str
    text: str
    url: str


def account_of(settings: Settings) -> Account | None:
    """Our application in government WeChat; None: this installation has none."""
    if not settings.wecom_host:
        return None
    return Account(
        host=settings.wecom_host,
        port=settings.wecom_port,
        tls=settings.wecom_tls,
        corp=settings.wecom_corp,
        secret=settings.wecom_secret,
        agent=settings.wecom_agent,
        base=settings.wecom_base,
    )


class Channels:
    """Hands a letter over; every way answers with an outcome and none raises."""

    def __init__(self, settings: Settings, contacts: Contacts) -> None:
        self._settings = settings
        self._contacts = contacts
        self._account = account_of(settings)

    async def send(self, channel: str, who: Recipient, letter: Letter) -> Outcome:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                if channel == "wecom":
                    return await self._by_wecom(who, letter)
                return await self._by_phone(channel, who, letter)
        except TimeoutError:
            return Outcome(Verdict.LATER, "no-answer")
        except Exception as error:
            log.exception("a channel failed", channel=channel, message=str(letter.id))
            return Outcome(Verdict.LATER, "channel-failed", type(error).__name__)

    async def _by_wecom(self, who: Recipient, letter: Letter) -> Outcome:
        if self._account is None or not who.wecom_id:
            return Outcome(Verdict.REFUSED, "no-wecom")
        plugin = plugin_for(address(self._account, [who.wecom_id], self._settings.wecom_card, letter.url))
        sender = Apprise()
        sender.add(plugin)
        await sender.async_notify(body=letter.text, title=letter.title)
        outcome: Outcome = plugin.last_outcome
        return outcome

    async def _by_phone(self, channel: str, who: Recipient, letter: Letter) -> Outcome:
        url = self._settings.sms_url if channel == "sms" else self._settings.voice_url
        if not url or not who.phone:
            return Outcome(Verdict.REFUSED, f"no-{channel}")
        try:
            number = await asyncio.to_thread(self._contacts.open, who.phone)
        except Unopenable as wrong:
            return Outcome(Verdict.REFUSED, "phone-sealed", str(wrong))
        name = who.label or "诉求人"
        spoken = Spoken(str(letter.id), channel, number, name, letter.title, letter.text, letter.url)
        return await hooks.post(url, self._settings.hook_secret, spoken)
