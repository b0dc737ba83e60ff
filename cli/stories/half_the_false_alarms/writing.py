"""What the author does at the desk: the form editor, the backtest, the new version and its asking; and who approves."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from lxml import html

from cli.stories.cases import wait_for
from cli.stories.people import Person, StoryBroke
from cli.stories.world import World

RULESET = "corridor-smoke"
PAGE = f"/console/rulesets/{RULESET}"
EDITOR = f"{PAGE}/edit"
HELD = "perceive/alarming"  # where the hold time stands in the ruleset
SHORT_TEST = "the same sensor twice is one sensor"  # says that ten seconds of smoke are an alarm
PLAYED_WITHIN_SECONDS = 100.0


class Figures(NamedTuple):
    """What the page of a backtest says first."""

    cases: int  # fewer than there were; below 0: more
    false_saved: int
    true_lost: int


def raise_hold_time(world: World, author: Person, seconds: int) -> None:
    """In the form view, with the test that no longer fits. Raises StoryBroke where a check still complains."""
    if "接着写" in author.see(PAGE):
        author.fills(EDITOR, "//form[.//button[@value='drop']]", {"do": "drop"})
        world.tell("上次没写完的一份不要了，从正在用的一版重新写")
    author.see(EDITOR)
    author.fills(EDITOR, "//form[@id='perceive-alarming']", {f"v:q:{HELD}/for": f"{seconds}s"})
    world.tell(f"在表单里把“持续多久才算”改成 {seconds} 秒")
    if SHORT_TEST in " ".join(_failing(author)):
        lengthen_test(author, seconds + 10)
        world.tell("检查指出一个测试不再成立：两次各冒烟十秒。改成各冒烟更久")
    failing = _failing(author)
    if failing or "没有问题" not in author.see(EDITOR):
        raise StoryBroke(f"还没有写好：{'、'.join(failing) or '检查没有通过'}")
    world.tell("没有问题，测试都通过")


def lengthen_test(author: Person, seconds: int) -> None:
    """The test smokes twice for `seconds`."""
    where = f"//form[.//input[@value='{SHORT_TEST}']]"
    names = html.fromstring(author.see(EDITOR)).xpath(f"{where}//input/@name")
    every = next(str(name) for name in names if name.endswith("/feed/every"))
    over = [str(name) for name in names if name.endswith("/at")][-1]
    author.fills(EDITOR, where, {every: f"{seconds + 15}s", over: f"{seconds}s"})


def backtested(author: Person) -> tuple[str, Figures]:
    """Last month with what is written beside what is in force: the page of the result, and what it says."""
    asking, form = f"{PAGE}/backtests/new", "//form[contains(@class, 'backtest-form')]"
    everywhere = author.option(asking, form, "area", "街道")
    page = author.fills(asking, form, {"version": "copy", "period": "month", "area": everywhere})
    return page, wait_for(lambda: figures(author.see(page)), "试算的结果", PLAYED_WITHIN_SECONDS)


def figures(page: str) -> Figures | None:
    """None: it is still being played. Raises StoryBroke where there is no result."""
    seen = html.fromstring(page)
    if seen.xpath("//progress"):
        return None
    said = [found.text_content() for found in seen.xpath("//*[contains(@class, 'figure ')]")]
    if len(said) != len(Figures._fields):
        raise StoryBroke(f"试算没有结果：{seen.xpath('string(//section)')[:200]}")
    numbers = [int("".join(re.findall(r"\d", words))) for words in said]
    return Figures(-numbers[0] if "案件多" in said[0] else numbers[0], *numbers[1:])


def submitted(author: Person, note: str) -> str:
    """The hash of the version that the copy becomes; the same texts may be a version already, from an earlier time."""
    submit = f"//form[@action='{PAGE}/submit']"
    known = {one["hash"] for one in _versions(author)}
    try:
        author.fills(EDITOR, submit, {"note": note})
    except StoryBroke:
        author.fills(EDITOR, "//form[.//button[@value='drop']]", {"do": "drop"})
    mine = [one["hash"] for one in _versions(author) if one["hash"] not in known or one["note"] == note]
    if not mine:
        raise StoryBroke("写好的没有成为新版本")
    return str(mine[0])


def ask_for_canary(author: Person, version: str, areas: Sequence[str], note: str) -> None:
    if offered(author, version, "retire") and not offered(author, version, "ask"):
        author.fills(PAGE, step(version, "retire"), {"note": "上次没有试完"})
    author.fills(PAGE, step(version, "ask"), {"stage": "canary", "areas": [*areas], "note": note})


def step(version: str, name: str) -> str:
    """Where the form of a step stands on the ruleset's page."""
    return f"//form[@action='{PAGE}/versions/{version}/{name}']"


def offered(person: Person, version: str, name: str) -> bool:
    return bool(html.fromstring(person.see(PAGE)).xpath(step(version, name)))


def _failing(author: Person) -> list[str]:
    """The tests that fail, as the editor shows them."""
    failing = html.fromstring(author.see(EDITOR)).xpath(
        "//ul[contains(@class, 'outcomes')]/li[@class='fails']//summary"
    )
    return [" ".join(one.text_content().split()) for one in failing]


def _versions(author: Person) -> list[dict[str, str]]:
    found: list[dict[str, str]] = author.ask(f"/api/v1/rulesets/{RULESET}")["versions"]
    return found
