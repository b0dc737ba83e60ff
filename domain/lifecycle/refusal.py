"""Why a command may not happen: a code that scripts can rely on, and what it was about."""

from typing import Any


class Refused(Exception):
    """Raised by `decide`; `code` is stable, `params` fill the sentence people read (docs/lifecycle.md)."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params


def require(condition: bool, code: str, **params: Any) -> None:
    if not condition:
        raise Refused(code, **params)
