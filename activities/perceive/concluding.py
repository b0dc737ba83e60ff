"""What detections amount to: the engine says which rules hit, the ruleset says what that means."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from domain.matters import Matter, News
from domain.places import within_any
from domain.rulesets import Stage
from rules.classify import Decision, classify, cleared_keys, question
from rules.compiled import Compiled
from rules.detections import Change, Detection
from rules.engine.client import EngineClient
from store.rulesets import Running


@dataclass(frozen=True)
class Conclusion:
    """A detection with what follows: a matter for a case, news of an end for the cases of `keys`, or neither.

    Of a version in shadow nothing follows but that it is remembered.
    """

    detection: Detection
    decision: Decision | None = None
    keys: tuple[str, ...] = ()
    stage: Stage = Stage.ACTIVE

    @property
    def matter(self) -> Matter | None:
        return self.decision.matter if self.decision else None

    @property
    def news(self) -> News:
        return News(
            kind="began" if self.decision else "ended",
            detection=self.detection.name,
            ruleset=self.detection.ruleset,
            at=self.detection.at,
            received_at=self.detection.received_at,
            transport=self.detection.transport or "rule",
            matter=self.matter,
        )


class Judge:
    """The versions in force and the engine that matches them; as they stood when it was made."""

    def __init__(
        self, running: Sequence[Running], engine: EngineClient, place_name: Callable[[str], str] = str
    ) -> None:
        self.running = tuple(running)
        self._by_hash = {one.compiled.hash: one for one in running}
        self._canaries = {one.compiled.id: one.areas for one in running if one.stage is Stage.CANARY}
        self._engine = engine
        self.place_name = place_name

    @property
    def rulesets(self) -> tuple[Compiled, ...]:
        return tuple(one.compiled for one in self.running)

    async def conclude(self, seen: Sequence[Detection]) -> list[Conclusion]:
        """In the order seen. Raises EngineUnavailable; nothing is lost then, the batch is read again."""
        counting = [detection for detection in seen if self._counts(detection)]
        asked = [detection for detection in counting if detection.change is not Change.ENDED]
        questions = [question(self._by_hash[detection.hash].compiled, detection) for detection in asked]
        hits = iter(await asyncio.to_thread(self._engine.hits, questions) if questions else ())
        return [self._conclusion(detection, hits) for detection in counting]

    def _counts(self, detection: Detection) -> bool:
        """In the areas of a canary the canary decides, elsewhere the active version."""
        running = self._by_hash[detection.hash]
        if running.stage is Stage.SHADOW:
            return detection.change is not Change.ENDED
        on_trial = within_any(detection.place or "", self._canaries.get(detection.ruleset, ()))
        return on_trial == (running.stage is Stage.CANARY)

    def _conclusion(self, detection: Detection, hits: Iterator[tuple[str, ...]]) -> Conclusion:
        running = self._by_hash[detection.hash]
        if detection.change is Change.ENDED:
            return Conclusion(detection, keys=cleared_keys(running.compiled, detection), stage=running.stage)
        decision = classify(running.compiled, detection, next(hits), self.place_name)
        return Conclusion(detection, decision, stage=running.stage)
