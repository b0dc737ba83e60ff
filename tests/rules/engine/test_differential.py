"""The engine and the plain evaluator never differ: over what authors may write, split or not, and what devices say."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.conditions import SEARCHES, AllOf, AnyOf, Comparison, Condition, Not, Op, Type, comparisons_of
from rules.engine.compiled import EngineInside
from rules.engine.translate import split, too_large
from rules.evaluate import hits_of, typed

EXAMPLES = max(2_500, 10 * settings().max_examples)  # 50,000 in the profile `nightly`
NUMBERS = st.one_of(
    st.integers(-5, 5),
    st.sampled_from([0.8, 0.80001, 1e-05, 1e-07, -1e-05, 3.0, 2.9999999999999996, 0.1 + 0.2, 0.3, 1e15, -1e15, -0.0]),
    st.floats(-1e15, 1e15, allow_nan=False),
    st.integers(-(10**15), 10**15),
)
LONG = "沿街商铺油烟扰民，" * 8  # as a token longer than the engine is given: it gets a digest
WORDS = [
    "",
    "began",
    "end",
    "yes",
    "no",
    "楼道",
    'a"b',
    "a\\b",
    "a\\u0062",
    "1",
    "1.0",
    "true",
    "a b",
    "a\nb",
    "a\x00b",
]
TEXTS = st.one_of(
    st.sampled_from([*WORDS, LONG, LONG + "甲", LONG + "乙", "𠮷野家", "e\u0301", "é"]), st.text(max_size=80)
)
WRITTEN = st.one_of(st.text("电瓶车噪音 　ABｂ", max_size=12), TEXTS)
KEYWORDS = st.lists(st.sampled_from(["电瓶车", "噪音", "瓶", "ab", "b", "夜"]), min_size=1, max_size=3).map(tuple)
OPERANDS = {Type.NUMBER: NUMBERS, Type.BOOLEAN: st.booleans(), Type.STRING: WRITTEN, Type.DETECTION: st.just("began")}
# names that mean something to the engine, or become one another where `.` is spelt `__`
NAMES = {
    Type.NUMBER: ["n", "sid", "s.value", "f0", "s.level__max", "s__level.max"],
    Type.BOOLEAN: ["b", "s.open", "m"],
    Type.STRING: ["t", "s.phase", "id"],
    Type.DETECTION: ["riding", "all"],
}
TYPES = {name: kind for kind, names in NAMES.items() for name in names}
ORDERED = [Op.EQ, Op.NE, Op.GT, Op.GTE, Op.LT, Op.LTE]
OPS = {Type.NUMBER: ORDERED, Type.BOOLEAN: ORDERED[:2], Type.STRING: ORDERED[:2], Type.DETECTION: [Op.IS]}
STRANGE = st.sampled_from([None, math.nan, math.inf, 2**53 + 1, -(2**70), "3", True, 1, "began", [1], {"a": 1}])
Rules = list[tuple[str, Condition]]
FILLER = 59  # comparisons, so that any other rule may fall on either side of a split


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    name = draw(st.sampled_from(sorted(TYPES)))
    kind = TYPES[name]
    if kind is Type.STRING and draw(st.booleans()):
        return Comparison(name, draw(st.sampled_from(sorted(SEARCHES))), draw(KEYWORDS))
    if kind in {Type.NUMBER, Type.STRING} and draw(st.booleans()):
        return Comparison(name, Op.IN, tuple(draw(st.lists(OPERANDS[kind], min_size=1, max_size=3))))
    return Comparison(name, draw(st.sampled_from(OPS[kind])), draw(OPERANDS[kind]))


def joined(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, max_size=3).map(tuple)
    return st.one_of(several.map(AllOf), several.map(AnyOf), parts.map(Not))


@st.composite
def steep(draw: st.DrawFn) -> Condition:
    """Alternatives within alternatives that all hold at once: what the engine would answer in ages, or not hold."""
    wide, deep = draw(st.sampled_from([(2, 16), (3, 10), (5, 6), (30, 2)]))
    leaf = draw(
        st.sampled_from([Comparison("n", Op.GT, -1), Comparison("n", Op.LT, 4.5), Comparison("b", Op.NE, True)])
    )
    any_of = AnyOf((leaf, *(Comparison("s.value", Op.GT, -place) for place in range(1, wide))))
    return draw(st.sampled_from([AllOf, AnyOf]))((any_of,) * deep + (AllOf((leaf, leaf)),) * deep)


CONDITIONS = st.one_of(st.recursive(comparisons(), joined, max_leaves=8), steep())


@st.composite
def rulesets(draw: st.DrawFn) -> Rules:
    conditions = draw(st.lists(CONDITIONS, min_size=1, max_size=5))
    places = st.integers(0, len(conditions))
    for _ in range(draw(st.integers(0, 2))):
        limits = range(draw(st.integers(1, FILLER)))
        conditions.insert(draw(places), AllOf(tuple(Comparison("n", Op.GT, -limit) for limit in limits)))
    return [(f"r{number}", condition) for number, condition in enumerate(conditions)]


class Near(NamedTuple):
    """A fact beside what the rules compare it with: the `place`-th such value, or its neighbour."""

    place: int
    step: int


NEAR = st.builds(Near, st.integers(0, 7), st.sampled_from([0, 0, -1, 1]))
SAID = {
    name: st.just("began") if kind is Type.DETECTION else st.one_of(NEAR, NEAR, OPERANDS[kind], STRANGE)
    for name, kind in TYPES.items()
}
FACTS = st.lists(st.fixed_dictionaries({}, optional=SAID), min_size=1, max_size=5)


def resolved(said: Mapping[str, Any], rules: Rules) -> dict[str, Any]:
    """Facts as perception hands them on: `Near` by its value, and only what is of its declared type."""
    compared: dict[str, list[Any]] = {name: [0 if kind is Type.NUMBER else ""] for name, kind in TYPES.items()}
    for comparison in (c for _, condition in rules for c in comparisons_of(condition)):
        compared[comparison.ref] += comparison.value if isinstance(comparison.value, tuple) else [comparison.value]
    values = {name: _beside(compared[name], v) if isinstance(v, Near) else v for name, v in said.items()}
    return dict(typed(values, TYPES))


def _beside(values: list[Any], near: Near) -> Any:
    value = values[-1 - near.place % len(values)]
    if isinstance(value, bool) or not near.step:
        return value
    return f"{value} " if isinstance(value, str) else math.nextafter(value, near.step * math.inf)


@pytest.mark.timeout(3600)
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(rules=rulesets(), facts=FACTS)
def test_engine_and_plain_evaluator_agree(rules: Rules, facts: list[dict[str, Any]]) -> None:
    if too_large(rules):
        return
    engine = EngineInside(split("any", rules))
    try:
        for said in facts:
            known = resolved(said, rules)
            assert sorted(engine.hits(known)) == sorted(hits_of(rules, known)), known
    finally:
        engine.close()
