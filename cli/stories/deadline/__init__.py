"""`deadline`: nobody sees to it; its clock tells the holder, the tier above, and at last the brain."""

from cli.stories.deadline.story import play

CLOCK_RATE = 60.0  # its three quarters of an hour in as many seconds

__all__ = ["CLOCK_RATE", "play"]
