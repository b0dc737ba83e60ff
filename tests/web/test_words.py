"""What people read: clocks, refusals, labels, in both languages."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from babel.messages.extract import extract_from_dir

import domain.lifecycle
import web
from domain.events import Event
from domain.lifecycle import PERMISSIONS
from domain.people import Role
from web import clocks
from web.i18n import catalogue_of, translations
from web.reader import Reader
from web.refusals import SENTENCES
from web.timeline import SIMPLE
from web.words import LABELS

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 21, 6, 20, tzinfo=UTC)  # 14:20 in Shanghai
READER = Reader("zh", SHANGHAI, NOON)
FOLDER = Path(web.__file__).parent
MARKS = {"_": None, "N_": None}


@pytest.mark.parametrize(
    ("due", "said"),
    [
        (timedelta(hours=2, minutes=10), "还剩 2 小时 10 分，今天 16:30 前"),
        (timedelta(minutes=5), "还剩 5 分钟，今天 14:25 前"),
        (timedelta(days=1, hours=3), "还剩 1 天 3 小时，明天 17:20 前"),
        (-timedelta(minutes=12), "已超 12 分钟，应在今天 14:08 前"),
        (-timedelta(days=400), "已超 400 天，应在2025年10月17日 14:20 前"),
    ],
)
def test_a_clock_is_a_sentence(due: timedelta, said: str) -> None:
    assert clocks.remaining(NOON + due, NOON, SHANGHAI, READER.say) == said


def test_every_refusal_of_the_decider_has_a_sentence() -> None:
    folder = Path(domain.lifecycle.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    raised = set(re.findall(r'(?:Refused\(|require\([^"\n]*, )"([a-z-]+)"', source))
    assert len(raised) > 15
    assert raised <= SENTENCES.keys()


def test_a_refusal_says_why_and_what_to_do() -> None:
    assert READER.refusal("already-signed", {"by": "王建国"}).startswith("已由王建国签收")
    assert "处置后照片、情况说明" in READER.refusal("evidence-missing", {"needs": ["photo_after", "note"]})
    assert "something-new" in READER.refusal("something-new", {})


def test_every_role_and_every_command_of_people_has_a_label() -> None:
    assert {role.value for role in Role} - {"rule"} <= LABELS["role"].keys()
    by_people = {name for name, permission in PERMISSIONS.items() if tuple(permission.who) != ("rule",)}
    assert by_people <= LABELS["command"].keys()
    assert LABELS["command"].keys() == LABELS["done"].keys()


def test_every_event_has_a_line_in_the_timeline() -> None:
    said = (FOLDER / "timeline.py").read_text(encoding="utf-8")
    for kind in get_args(get_args(Event)[0]):
        assert kind.model_fields["type"].default in SIMPLE or f"events.{kind.__name__}(" in said, kind


def test_the_english_catalogue_is_complete() -> None:
    methods = [("**.py", "python"), ("**.html", "jinja2")]
    found = {message for _, _, message, _, _ in extract_from_dir(FOLDER, method_map=methods, keywords=MARKS)}
    translated = {message.id: message.string for message in catalogue_of("en") if message.id}
    assert {text for text in found if not translated.get(text)} == set()
    assert translated.keys() - found == set(), "no longer said"
    for text, english in translated.items():
        assert set(re.findall(r"\{\w*\}", text)) == set(re.findall(r"\{\w*\}", english)), text


def test_english_is_read_where_it_is_asked_for() -> None:
    assert translations("en").gettext("签收") == "Sign"
    assert Reader("en", SHANGHAI, NOON).remaining(NOON + timedelta(hours=2)).startswith("2 h left")
