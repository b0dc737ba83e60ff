"""The live channel: open pages hear at once which case changed, and ask again for what they show (ADR 0006)."""

from web.live.hub import Hub, Page, TooManyPages
from web.live.listening import watching

__all__ = ["Hub", "Page", "TooManyPages", "watching"]
