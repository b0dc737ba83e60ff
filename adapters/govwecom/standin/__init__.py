"""A stand-in for government WeChat, for the demo and tests: a real HTTP server with its token, send and errors."""

from adapters.govwecom.standin.server import Standin, create_app

__all__ = ["Standin", "create_app"]
