"""Cases as perception opens them: real matters of a shipped ruleset, written with perception's own statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from activities.perceive.placing import OPEN_CASES
from activities.perceive.writing import TELL_CASES
from bench.figures import PROJECT
from domain.lifecycle import scaled
from domain.matters import Closing, Matter, News
from domain.signals import FieldValue
from rules.classify import classify
from rules.detections import Change, Detection
from rules.load import load_folder
from store.ids import new_id
from store.pool import Connection

RULESET = load_folder(PROJECT / "rulesets" / "ebike-in-elevator")
SLOWER = 0.01  # clocks of the shipped ruleset: those of one part do not ring in the next ones


@dataclass(frozen=True)
class Wanted:
    """Cases to be opened at `places` in turn; no two have the same dedupe key. `closing`: who may close them."""

    places: Sequence[str]
    run: str
    closing: Closing = Closing.WHEN_INSPECTED

    def matter(self, number: int, at: datetime) -> Matter:
        place = self.places[number % len(self.places)]
        matter = classify(RULESET, _blocked(place, at), ("blocked",)).matter
        assert matter is not None
        matter = scaled(matter, SLOWER)
        policy = matter.policy.model_copy(update={"closing": self.closing})
        return matter.model_copy(update={"dedupe_key": f"{self.run}/{number}{place}", "policy": policy})


def _blocked(place: str, at: datetime) -> Detection:
    fields: dict[str, FieldValue] = {"confidence": 0.93, "in_doorway": True, "phase": "update"}
    facts: dict[str, FieldValue] = {f"ebike.{name}": value for name, value in fields.items()}
    facts |= {"blocking": "began", "rides_7d": 1}
    return Detection(
        ruleset=RULESET.id,
        hash=RULESET.hash,
        name="blocking",
        change=Change.BEGAN,
        key=f"frigate/bench{place}",
        at=at,
        since=at,
        signal_id=str(uuid4()),
        device_id=f"frigate/main/bench{place}",
        place=place,
        transport="mqtt",
        received_at=at,
        fields=fields,
        facts=facts,
    )


async def open_cases(connection: Connection, wanted: Wanted, first: int, count: int) -> None:
    """The rows of `count` cases and their news, in one transaction, as perception commits them."""
    numbers = range(first, first + count)
    matters = [wanted.matter(number, datetime.now(UTC)) for number in numbers]
    at = datetime.now(UTC)
    rows = [(new_id(), m.dedupe_key, m.ruleset, m.place, at, at, m.title, None) for m in matters]
    async with connection.pipeline(), connection.transaction():
        await connection.execute(OPEN_CASES, [list(column) for column in zip(*rows, strict=True)])
        bodies = [_news(matter, at) for matter in matters]
        await connection.execute(TELL_CASES, ([row[0] for row in rows], bodies))
        await connection.execute("NOTIFY linli_case_inbox")


def _news(matter: Matter, at: datetime) -> str:
    news = News(kind="began", detection="blocking", ruleset=matter.ruleset, at=at, received_at=at, matter=matter)
    return news.model_dump_json()


async def lifts(connection: Connection, *, within: str, outside: str = "/none/") -> list[str]:
    found = await connection.execute(
        "SELECT path FROM areas WHERE starts_with(path, %s) AND NOT starts_with(path, %s) AND path LIKE '%%/lift1/'"
        " ORDER BY path",
        (within, outside),
    )
    return [path for (path,) in await found.fetchall()]


async def cases_of(connection: Connection, run: str) -> list[UUID]:
    found = await connection.execute("SELECT id FROM cases WHERE starts_with(dedupe_key, %s) ORDER BY id", (f"{run}/",))
    return [case_id for (case_id,) in await found.fetchall()]
