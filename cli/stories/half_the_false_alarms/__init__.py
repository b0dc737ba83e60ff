"""`half-the-false-alarms`: a smoke alarm has to hold; tried on last month, then in two communities, by two people."""

from cli.stories.half_the_false_alarms.story import play

__all__ = ["play"]
