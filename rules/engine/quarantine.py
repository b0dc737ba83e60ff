"""Versions of rulesets that the C engine does not survive: after the third time the plain evaluator answers."""

from collections.abc import Callable, Mapping

CRASHES = 3
Told = Callable[[str, int], None]


class Quarantine:
    """How often each version, by its hash, has failed the engine; `known` from before.

    `told(hash, crashes)` hears of each time, in the thread that asked the engine, before its question is answered.
    """

    def __init__(self, known: Mapping[str, int] | None = None, told: Told = lambda _hash, _crashes: None) -> None:
        self._crashes = dict(known or {})
        self._told = told

    def holds(self, version: str) -> bool:
        return self._crashes.get(version, 0) >= CRASHES

    def failed(self, version: str) -> None:
        self._crashes[version] = self._crashes.get(version, 0) + 1
        self._told(version, self._crashes[version])
