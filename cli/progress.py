"""What `linli up` shows while it works: the steps under way in one line that changes, the finished ones above it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.status import Status

from cli.output import people


class Progress:
    """Steps under way, several at once. On a terminal they share one line; elsewhere each finished one gets its own."""

    def __init__(self) -> None:
        self._under_way: list[str] = []
        self._line: Status | None = None

    @property
    def now(self) -> str:
        return "、".join(self._under_way)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """The changing line, while the block runs or until `hide`."""
        self._line = people.status("准备")
        try:
            if people.is_terminal:
                self._line.start()
            yield
        finally:
            self.hide()

    def hide(self) -> None:
        if self._line is not None:
            self._line.stop()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """One step; what it is stays on the screen, with its time, once it is done."""
        began = time.monotonic()
        self._under_way.append(title)
        self._update()
        try:
            yield
        finally:
            self._under_way.remove(title)
            self._update()
        people.print(f"[green]✓[/green] {title}[dim]（{time.monotonic() - began:.1f} 秒）[/dim]")

    def note(self, line: str) -> None:
        """A line of progress within a step, of the moment only."""
        if self._line is not None and people.is_terminal:
            self._line.update(line)
        else:
            people.print(line, markup=False)

    def _update(self) -> None:
        if self._line is not None and self._under_way:
            self._line.update(self.now)
