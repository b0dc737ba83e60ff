"""Texts that nobody has approved are looked through in a process apart, which may be ended at any moment."""

from web.workbench.asking import TooSlow, Workbench
from web.workbench.turns import Busy, Replaced

__all__ = ["Busy", "Replaced", "TooSlow", "Workbench"]
