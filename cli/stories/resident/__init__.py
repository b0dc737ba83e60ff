"""`resident`: noise by night; returned, ruled on, handled by another unit, not solved, reopened, rated."""

from cli.stories.resident.story import play

__all__ = ["play"]
