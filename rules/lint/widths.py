"""Groups: not wider than a partition sees, and not so wide that one device closes the case of others."""

from collections.abc import Iterator

from domain.matters import Closing
from rules.compiled import Compiled
from rules.lint.finding import Finding
from rules.places import WIDEST_IN_A_PARTITION, WIDTH, wider_than_a_partition
from rules.reading import Path

CODE = "key-too-wide"
FIX = f"最大到同一个小区（{WIDEST_IN_A_PARTITION}）；更大的范围看“最近一次的”，或写“同一处有别的案在办时”"


def widths(compiled: Compiled) -> Iterator[Finding]:
    form = compiled.form
    written: list[tuple[Path, str]] = [(("signals", name, "key"), of.key) for name, of in form.signals.items()]
    written += [(("facts", name, "by"), of.by) for name, of in form.facts.items() if of.by and not of.latest]
    written += [((*rule.path, "then", "dedupe"), rule.opens.dedupe) for rule in compiled.rules if rule.opens]
    for path, grouping in written:
        if wider_than_a_partition(grouping):
            yield Finding(path, CODE, f"{grouping} 比一个社区更大", FIX)
    narrowest = min(WIDTH.index(listened.key) for listened in compiled.signals.values())
    for rule in compiled.rules:
        opens = rule.opens
        if opens is None or opens.policy.closing is not Closing.WHEN_CLEARED:
            continue
        if WIDTH.index(opens.dedupe) > max(narrowest, WIDTH.index("place")):
            reason = f"一台设备恢复，会结掉 {opens.dedupe} 里所有设备的案件"
            yield Finding(
                (*rule.path, "then", "close"),
                "closes-too-much",
                reason,
                "只把同一个位置算同一处（dedupe: place），或换一种结案方式",
            )
