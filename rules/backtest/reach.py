"""How far back a version looks: before the first signal that counts, so much is played only to warm up."""

from datetime import timedelta

from rules.compiled import Compiled
from rules.conditions import Op, comparisons_of
from rules.places import wider_than_a_partition

A_WHILE = timedelta(hours=1)


def reach(compiled: Compiled) -> timedelta:
    """The longest time over which anything of the version counts, derives or waits."""
    lengths = [A_WHILE]
    lengths += [fact.within for fact in compiled.form.facts.values() if fact.within is not None]
    for signal in compiled.form.signals.values():
        for derived in signal.derive.values():
            lengths.append(derived.over if derived.over is not None else timedelta(days=derived.days))
    for listened in compiled.signals.values():
        for detection in listened.all_detections:
            tests = (*comparisons_of(detection.enter), *comparisons_of(detection.exit))
            lengths += [test.value for test in tests if test.op is Op.SILENT and isinstance(test.value, timedelta)]
            lengths.append(timedelta(microseconds=detection.for_us))
    return max(lengths)


def sees_beyond_partitions(compiled: Compiled) -> bool:
    """Whether some fact is known across partitions: then they cannot be played apart from each other."""
    latest = [fact for fact in compiled.form.facts.values() if fact.latest is not None]
    return any(wider_than_a_partition(fact.by) for fact in latest if fact.by is not None)
