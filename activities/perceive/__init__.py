"""Perception: the reader of one partition's inbox, and the one transaction in which its conclusions count."""

from activities.perceive.reader import Reader

__all__ = ["Reader"]
