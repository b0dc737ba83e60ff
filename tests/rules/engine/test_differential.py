"""The engine and the plain evaluator never differ."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.conditions import AllOf, AnyOf, Comparison, Condition, Not, Op
from rules.engine.compiled import EngineRuleset
from rules.engine.translate import limits_exceeded, translate
from rules.evaluate import hits_of

NUMBERS = st.one_of(
    st.integers(-5, 5),
    st.sampled_from([0.8, 0.80001, 1e-05, 1e-07, -1e-05, 3.0, 2.9999999999999996, 0.1 + 0.2, 0.3, 1e15, -1e15, -0.0]),
    st.floats(-1e15, 1e15, allow_nan=False, allow_subnormal=False),
    st.integers(-(10**15), 10**15),
)
TEXTS = st.one_of(
    st.sampled_from(["", "began", "end", "楼道", 'a"b', "a\\b", "1", "true", "a b"]), st.text(max_size=80)
)
NAMES = {"number": ["n", "m", "s.value"], "boolean": ["b", "s.open"], "string": ["t", "phase"]}
WRITTEN = st.one_of(st.text("电瓶车噪音 　ABｂ", max_size=12), TEXTS)
KEYWORDS = st.lists(st.sampled_from(["电瓶车", "噪音", "瓶", "ab", "b", "夜"]), min_size=1, max_size=3)
OPERANDS = {"number": NUMBERS, "boolean": st.booleans(), "string": WRITTEN}
OPS = {
    "number": [Op.EQ, Op.NE, Op.GT, Op.GTE, Op.LT, Op.LTE],
    "boolean": [Op.EQ, Op.NE],
    "string": [Op.EQ, Op.NE],
}


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    kind = draw(st.sampled_from(list(NAMES)))
    name = draw(st.sampled_from(NAMES[kind]))
    if kind == "string" and draw(st.booleans()):
        return Comparison(name, draw(st.sampled_from([Op.CONTAINS_ANY, Op.CONTAINS_ALL])), tuple(draw(KEYWORDS)))
    if kind != "boolean" and draw(st.booleans()):
        return Comparison(name, Op.IN, tuple(draw(st.lists(OPERANDS[kind], min_size=1, max_size=3))))
    return Comparison(name, draw(st.sampled_from(OPS[kind])), draw(OPERANDS[kind]))


def joined(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.one_of(several.map(AllOf), several.map(AnyOf), parts.map(Not))


CONDITIONS = st.recursive(comparisons(), joined, max_leaves=6)
RULES = st.lists(CONDITIONS, min_size=1, max_size=4).map(lambda cs: [(f"r{n}", c) for n, c in enumerate(cs)])
FACTS = st.fixed_dictionaries({}, optional={name: OPERANDS[kind] for kind, names in NAMES.items() for name in names})


@settings(max_examples=2500, deadline=None, suppress_health_check=list(HealthCheck))
@given(rules=RULES, facts=st.lists(FACTS, min_size=1, max_size=6))
def test_engine_and_plain_evaluator_agree(rules: list[tuple[str, Condition]], facts: list[dict[str, object]]) -> None:
    if limits_exceeded(rules):
        return
    translated = translate("any", rules)
    engine = EngineRuleset(translated)
    try:
        for given_facts in facts:
            hits = engine.hits(translated.facts_of(given_facts))  # type: ignore[arg-type]
            assert set(hits) == set(hits_of(rules, given_facts)), given_facts  # type: ignore[arg-type]
    finally:
        engine.close()
