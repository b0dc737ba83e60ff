"""How our processes end: a command that has answered must not fail afterwards."""

import os
import sys
from contextlib import suppress
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End this process at once, without the interpreter's own finalization.

    A thread of Temporal's client may still hand over a result then, and CPython aborts the whole process for it
    (exit code -6 after a complete answer): https://github.com/temporalio/sdk-python/issues/300
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # whoever read it is gone
            stream.flush()
    os._exit(code)
