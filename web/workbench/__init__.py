"""Texts that nobody has approved are looked through in a process apart, which may be ended at any moment."""

from web.workbench.asking import Busy, TooSlow, Workbench

__all__ = ["Busy", "TooSlow", "Workbench"]
