"""Whoever reads: their language, their zone, and how codes, instants and refusals are said to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request

from web import clocks, refusals
from web.i18n import N_, language_of, translations
from web.services import services
from web.words import LABELS


@dataclass(frozen=True)
class Reader:
    language: str
    zone: Any
    now: datetime

    def say(self, text: str) -> str:
        return translations(self.language).gettext(text)

    def label(self, kind: str, code: str) -> str:
        """The label of a code; a code without one is shown as it is."""
        return self.say(LABELS[kind][code]) if code in LABELS[kind] else code

    def fact(self, name: str) -> str:
        """The label of something observed, with or without the name of its signal: `ebike.confidence`."""
        return self.label("fact", name.rpartition(".")[2])

    def observed(self, value: object) -> str:
        if isinstance(value, bool):
            return self.say(N_("是") if value else N_("否"))
        return f"{value:g}" if isinstance(value, float) else self.label("observed", str(value))

    def remaining(self, due: datetime) -> str:
        return clocks.remaining(due, self.now, self.zone, self.say)

    def moment(self, instant: datetime) -> str:
        return clocks.moment(instant, self.now, self.zone, self.say)

    def refusal(self, code: str, params: Mapping[str, Any]) -> str:
        return refusals.sentence(code, params, self.say, self.label, self.moment)


def reader_of(request: Request) -> Reader:
    return Reader(language_of(request), services(request).settings.zone, datetime.now(UTC))
