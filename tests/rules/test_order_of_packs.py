"""Every ruleset's own tests come out the same when their signals arrive late and out of order, within `late`."""

import pytest
from feeds import RULESETS, Said, as_it_arrived, decided, in_order
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.compiled import Compiled
from rules.feeding import feed_of


def said_in(compiled: Compiled, number: int) -> list[Said]:
    fed = feed_of(compiled, compiled.form.tests[number])
    return [Said(signal, 0) for signal, _ in fed if signal is not None]


@pytest.mark.parametrize("ruleset", sorted(name for name, compiled in RULESETS.items() if compiled.form.tests))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_examples_of_a_ruleset_do_not_depend_on_the_order(ruleset: str, data: st.DataObject) -> None:
    compiled = RULESETS[ruleset]
    said = said_in(compiled, data.draw(st.integers(0, len(compiled.form.tests) - 1)))
    late = min(listened.late_us for listened in compiled.signals.values())
    random = data.draw(st.randoms(use_true_random=False))
    delayed = [Said(one.signal, random.randint(0, late)) for one in said]
    assert decided(compiled, as_it_arrived(delayed)) == decided(compiled, in_order(said))
