"""Texts and calls: a signed JSON POST to whatever provider stands behind `sms_url` and `voice_url`.

Signed as https://www.standardwebhooks.com says; `webhook-id` is the message's id, so a repeated one is recognised.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from http import HTTPStatus

import httpx
from standardwebhooks import Webhook

from adapters.outcomes import Outcome, Verdict

TIMEOUT = 5.0  # seconds
PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


@dataclass(frozen=True)
class Spoken:
    """What the receiver of the hook gets; `channel` is sms or voice, `to` a phone number."""

    id: str
    channel: str
    to: str
    name: str
    title: str
    text: str
    url: str


async def post(url: str, secret: str, message: Spoken) -> Outcome:
    """Hand it over: 2xx counts as taken, 4xx as refused for good; the rest may pass. Never raises."""
    body = json.dumps(asdict(message), ensure_ascii=False)
    at = datetime.now(UTC)
    headers = {
        "content-type": "application/json",
        "webhook-id": message.id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message.id, at, body),
    }
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT) as client:
            answer = await client.post(url, content=body.encode(), headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as lost:
        return Outcome(Verdict.LATER, "no-answer", type(lost).__name__)
    code = str(answer.status_code)
    if answer.is_success:
        return Outcome(Verdict.SENT, code, message_id=message.id)
    passing = not answer.is_client_error or answer.status_code in PASSING
    return Outcome(Verdict.LATER if passing else Verdict.REFUSED, code, answer.text[:200])
