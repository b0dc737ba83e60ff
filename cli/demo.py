"""`linli demo`: stories played through the broker and the pages, as devices and people use them."""

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pkgutil import iter_modules
from typing import Annotated, Any

import typer
from psycopg.rows import class_row

import settings
from cli import control, state
from cli import stories as shelf
from cli.installation import carry_out, installation, store
from cli.output import JsonOption, Problem, Refused, answer, bad_input, people
from cli.stories.people import StoryBroke
from cli.stories.world import Device, World
from settings import Settings
from settings.model import STATE_FILE, default_home

DEVICES = """
    SELECT device_id AS id, adapter, kind, place, label, tags FROM devices WHERE registered
    ORDER BY adapter, device_id"""
CLOCKS = ("case-worker", "notifier")  # the processes that go by the rate


def stories() -> list[str]:
    """Every folder of `cli/stories` is one."""
    return sorted(module.name.replace("_", "-") for module in iter_modules(shelf.__path__) if module.ispkg)


def register(app: typer.Typer) -> None:
    @app.command("demo")
    def demo(
        *,
        once: Annotated[bool, typer.Option("--once", help="演一遍就结束；否则一直演，Ctrl-C 结束。")] = False,
        story: Annotated[str | None, typer.Option("--story", help="只演这一个。")] = None,
        seed: Annotated[int, typer.Option("--seed", help="换一个数，换一批设备和人。")] = 1,
        clock_rate: Annotated[
            float | None,
            typer.Option("--clock-rate", min=1, help="新案件的时限缩短到几分之一；不写时由故事自己定，一般是 1。"),
        ] = None,
        as_json: JsonOption = False,
    ) -> None:
        """演一段真实的经过：设备报警、派单、处置、核查、结案。"""
        if story is not None and story not in stories():
            raise bad_input("unknown-story", f"没有这个故事：{story}", field="story", fix="、".join(stories()))
        chosen = [story] if story else stories()
        with _running() as data:
            told = _play(data, chosen, seed, clock_rate)
            while not once:
                seed += 1
                told = _play(data, chosen, seed, clock_rate)
        answer("demo", {"seed": seed, "stories": told}, as_json=as_json, show=lambda: _show(told))


def _play(data: dict[str, Any], names: list[str], seed: int, clock_rate: float | None) -> list[dict[str, Any]]:
    told = []
    for name in names:
        people.print(f"[bold]{name}[/bold]（seed {seed}）")
        story = import_module(f"cli.stories.{name.replace('-', '_')}")
        world = World(
            base=data["urls"]["console"].rsplit("/", 1)[0],
            broker=data["broker"],
            accounts=data["accounts"],
            devices=carry_out(_devices(installation())),
            random=random.Random(f"{name}:{seed}"),  # noqa: S311 - a story is to be repeated, not guessed at
            inbox=data["urls"].get("wecom_inbox", ""),
            tell=lambda line: people.print(f"  {line}", markup=False),
        )
        try:
            with _clocks(installation(), clock_rate or float(getattr(story, "CLOCK_RATE", 1))):
                case = story.play(world)
        except StoryBroke as broke:
            raise Refused(Problem(code="story-broke", field=name, reason=str(broke), fix="linli doctor")) from broke
        told.append({"story": name, "case": case})
    return told


async def _devices(given: Settings) -> list[Device]:
    async with (
        store(given) as connections,
        connections.connection() as connection,
        connection.cursor(row_factory=class_row(Device)) as found,
    ):
        await found.execute(DEVICES)
        return await found.fetchall()


@contextmanager
def _running() -> Iterator[dict[str, Any]]:
    """The installation of this home; started for the story, and stopped after it, where none runs."""
    home = default_home()
    status = control.ask(settings.load(home), "status")
    if status is not None:
        yield control.running(installation())
        return
    linli = [sys.executable, "-m", "cli.main"]
    subprocess.run([*linli, "up", "--detach"], check=True)
    try:
        yield control.running(installation())
    finally:
        subprocess.run([*linli, "down"], check=True)


@contextmanager
def _clocks(given: Settings, rate: float) -> Iterator[None]:
    """While the story lasts, cases are received with limits divided by `rate`."""
    if rate == given.clock_rate:
        yield
        return
    _set_rate(given, rate)
    try:
        yield
    finally:
        _set_rate(given, given.clock_rate)


def _set_rate(given: Settings, rate: float) -> None:
    path = given.home / STATE_FILE
    state.write(path, state.read(path) | {"clock_rate": rate})
    for name in CLOCKS:
        control.ask_about(given, "stop", name)
        control.ask_about(given, "start", name)


def _show(told: list[dict[str, Any]]) -> None:
    for each in told:
        case = each["case"]
        people.print(f"{each['story']}：{case['number']} {case['title']}", markup=False)
        for event in case["timeline"]:
            people.print(f"  {event['seq']:>2} {event['at']} {event['type']} {event['actor']} {event['transport']}")
