"""What happens to rulesets without anybody asking: folders become drafts, what was approved begins in its time."""

from activities.rulesets.caretaker import look_after_rulesets

__all__ = ["look_after_rulesets"]
