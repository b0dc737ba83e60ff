"""A demonstration may let the clocks of new cases run faster."""

from domain.matters import Limits, Matter, Rung


def scaled(matter: Matter, rate: float) -> Matter:
    """The matter with every limit and ladder step divided by `rate`; nothing else changes."""
    if rate == 1:
        return matter
    limits = matter.policy.limits
    faster = Limits(
        overall=limits.overall / rate,
        sign=limits.sign / rate,
        handle=limits.handle / rate,
        inspect=limits.inspect / rate,
    )
    ladder = tuple(Rung(at=r.at, after=r.after / rate if r.after else None, to=r.to) for r in matter.policy.ladder)
    return matter.model_copy(update={"policy": matter.policy.model_copy(update={"limits": faster, "ladder": ladder})})
