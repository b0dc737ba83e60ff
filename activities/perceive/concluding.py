"""What detections amount to: the engine says which rules hit, the ruleset says what that means."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from domain.matters import News
from rules.classify import Decision, classify, cleared_keys, question
from rules.compiled import Compiled
from rules.detections import Change, Detection
from rules.engine.client import EngineClient


@dataclass(frozen=True)
class Conclusion:
    """A detection with what follows: a matter for a case, news of an end for the cases of `keys`, or neither."""

    detection: Detection
    decision: Decision | None = None
    keys: tuple[str, ...] = ()

    @property
    def news(self) -> News:
        return News(
            kind="began" if self.decision else "ended",
            detection=self.detection.name,
            ruleset=self.detection.ruleset,
            at=self.detection.at,
            received_at=self.detection.received_at,
            transport=self.detection.transport or "rule",
            matter=self.decision.matter if self.decision else None,
        )


class Judge:
    """The active rulesets and the engine that matches them."""

    def __init__(
        self, rulesets: Sequence[Compiled], engine: EngineClient, place_name: Callable[[str], str] = str
    ) -> None:
        self.rulesets = tuple(rulesets)
        self._by_hash = {compiled.hash: compiled for compiled in rulesets}
        self._engine = engine
        self._place_name = place_name

    async def conclude(self, seen: Sequence[Detection]) -> list[Conclusion]:
        """In the order seen. Raises EngineUnavailable; nothing is lost then, the batch is read again."""
        asked = [d for d in seen if d.change is not Change.ENDED]
        questions = [question(self._by_hash[d.hash], d) for d in asked]
        hits = iter(await asyncio.to_thread(self._engine.hits, questions) if questions else ())
        return [self._conclusion(detection, hits) for detection in seen]

    def _conclusion(self, detection: Detection, hits: Iterator[tuple[str, ...]]) -> Conclusion:
        compiled = self._by_hash[detection.hash]
        if detection.change is Change.ENDED:
            return Conclusion(detection, keys=cleared_keys(compiled, detection))
        return Conclusion(detection, classify(compiled, detection, next(hits), self._place_name))
