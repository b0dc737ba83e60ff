"""`lift`: a bike rides through, then holds the lift's door; handled, failed once, passed, closed."""

from cli.stories.lift.story import play

__all__ = ["play"]
