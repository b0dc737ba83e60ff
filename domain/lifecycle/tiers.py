"""Which tier holds a case, and that the brain watches it."""

from collections.abc import Iterator

from domain.cases import Case
from domain.commands import RaiseTier, SendDown, Supervise
from domain.events import Event, SentDown, Supervised, TierRaised
from domain.lifecycle.refusal import require
from domain.matters import Tier

ORDER = tuple(Tier)


def move_tier(case: Case, command: Supervise | RaiseTier | SendDown) -> Event:
    match command:
        case Supervise(note=note):
            require(not case.supervised, "already-supervised")
            return Supervised(note=note)
        case RaiseTier(reason=reason):
            require(case.tier is not Tier.BRAIN, "top-tier")
            return TierRaised(to=ORDER[case.tier.rank + 1], why=reason)
        case SendDown(reason=reason):
            require(case.tier is not Tier.COMMITTEE, "bottom-tier")
            return SentDown(to=ORDER[case.tier.rank - 1], reason=reason)


def raised_to_brain(case: Case, why: str) -> Iterator[TierRaised]:
    """Nothing where the brain has it already."""
    if case.tier is not Tier.BRAIN:
        yield TierRaised(to=Tier.BRAIN, why=why)
