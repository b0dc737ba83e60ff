"""`smoke-at-night`: two sensors around an elder who lives alone; the guard is let in by an SMS."""

from cli.stories.smoke_at_night.story import play

__all__ = ["play"]
