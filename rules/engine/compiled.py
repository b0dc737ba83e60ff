"""durable_rules' C engine, asked one thing: which of a ruleset's rules match these facts.

Its module is called directly, never its Host. Each evaluation asserts one flat fact in a state of its own, takes the
matching rules one by one and deletes the state. A fault of 2.0.28 shapes this: a state's slot is not cleared when it
is made, so deleting one that never ran an action frees a wild pointer. Hence `$prime`, whose action is run before the
first delete, and one state alive at a time, always in the slot that was primed.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import count

import durable_rules_engine as engine

from domain.signals import FieldValue
from rules.engine.translate import EngineRules

_PRIME = '"$prime":{"all":[{"m":{"$ex":{"__prime":1}}}]}'
_PRIMER = '{"id":"p","sid":"s","__prime":1}'
_STATE = "s"
_HANDLED, _MATCHES_NOTHING = 0, 1
_names = count(1)


class EngineRuleset:
    """One ruleset inside the engine, by its text; not for several threads at once."""

    def __init__(self, text: str) -> None:
        self._handle = engine.create_ruleset(f"linli-{next(_names)}", "{" + _PRIME + "," + text[1:])
        self._facts = count(1)
        self._matched(_PRIMER)
        engine.delete_state(self._handle, _STATE)

    def hits(self, facts: str) -> tuple[str, ...]:
        """The ids of the rules that match, each once; `facts` as `EngineRules` spells them."""
        tail = f",{facts}}}" if facts else "}"
        try:
            return self._matched(f'{{"id":"f{next(self._facts)}","sid":"{_STATE}"{tail}')
        finally:
            engine.delete_state(self._handle, _STATE)

    def _matched(self, fact: str) -> tuple[str, ...]:
        code, offset = engine.assert_fact(self._handle, fact)
        if code not in {_HANDLED, _MATCHES_NOTHING}:
            raise RuntimeError(f"the engine answered {code}")
        found: dict[str, None] = {}
        started = engine.start_action_for_state(self._handle, offset) if code == _HANDLED else None
        action = started[1] if started else None
        while action:
            found[next(iter(json.loads(action)))] = None
            action = engine.complete_and_start_action(self._handle, offset)
        return tuple(found)

    def close(self) -> None:
        engine.delete_ruleset(self._handle)


class EngineInside:
    """A version in the engine of this process, for those who can live with its crash."""

    def __init__(self, parts: Sequence[EngineRules]) -> None:
        self._parts = [(part, EngineRuleset(part.text)) for part in parts]

    def hits(self, facts: Mapping[str, FieldValue]) -> tuple[str, ...]:
        return tuple(rule for part, ruleset in self._parts for rule in ruleset.hits(part.spelt(facts)))

    def close(self) -> None:
        for _, ruleset in self._parts:
            ruleset.close()
