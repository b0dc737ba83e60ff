"""What a ruleset's text may not do to us: each is refused at once, with the line and what to write instead."""

from pathlib import Path
from shutil import copytree
from time import process_time

import pytest

from rules.catalogue import load_catalogue
from rules.load import from_texts, load_folder
from rules.problems import Problem, RulesetInvalid
from rules.titles import LONGEST_TEXT, LONGEST_TITLE, read_template, render

FOLDER = Path(__file__).parents[2] / "rulesets"
CATALOGUE = load_catalogue(FOLDER / "catalogue.csv")
YAML = (FOLDER / "water-leak-burst" / "ruleset.yaml").read_text(encoding="utf-8")
TEMPLATE = (FOLDER / "water-leak-burst" / "template.zh.j2").read_text(encoding="utf-8")
HIGH = "then: {category: flooding, priority: high, tier: committee, handler: property}"
BOMB = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))


def refused(text: str = YAML, template: str = TEMPLATE) -> Problem:
    began = process_time()
    with pytest.raises(RulesetInvalid) as caught:
        from_texts("any", text, template, CATALOGUE)
    assert process_time() - began < 10
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (BOMB, 1, "不能用 & 和 * 引用"),
        ("a: 1\nb: &x [1]\n", 2, "不能用 & 和 * 引用"),
        ("a: {b: 1, b: 2}\n", 1, "写了两遍"),
        ("a: 1\nb: 2\na: 3\n", 3, "写了两遍"),
        ("[" * 100_000, 1, "嵌套超过"),
        ("{a: " * 50_000, 1, "嵌套超过"),
        ("\n".join(" " * depth + "a:" for depth in range(400)), 41, "嵌套超过"),
        ("a: " + "x" * 300_000, 1, "大于 256 KB"),
        ("a: !!python/object/apply:os.system [id]\n", 1, "标签"),
        ("a: !!binary aGVsbG8=\n", 1, "标签"),
        ("? [a, b]\n: 1\n", 1, "应为一个名字"),
        ("a: 1\n---\nb: 2\n", 2, "YAML 的写法不对"),
        ("a: 1\nb: \x00\n", 2, "U+0000"),
        ("a: 1\nb: \x07\n", 2, "U+0007"),
        ("a: \ud800\n", 1, "U+D800"),
        ('a: "\\ud800"\n', 1, "YAML 的写法不对"),
        ('a: 1\nb: "x\\0"\n', 2, "U+0000"),
        ('"x\\0": 1\n', 1, "U+0000"),
        ("a: [" + "[]," * 80_000 + "]", 1, "超过 30000 个值"),
        ("", 1, "应为 {名字: 值}"),
        ("just words", 1, "应为 {名字: 值}"),
    ],
)
def test_only_plain_data_is_read(text: str, line: int, reason: str) -> None:
    problem = refused(text)
    assert (problem.code, problem.line) == ("not-plain", line)
    assert reason in problem.reason


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"ruleset: x\ntitle: \xb5\xc6\n", 2, "不是 UTF-8"),
        (b"x" * 300_000, 1, "大于 256 KB"),
        (b"\xff\xfer\x00", 1, "不是 UTF-8"),
    ],
)
@pytest.mark.parametrize("name", ["ruleset.yaml", "template.zh.j2"])
def test_a_file_in_a_folder_is_read_no_further_than_it_may_be_long(
    tmp_path: Path, name: str, content: bytes, line: int, reason: str
) -> None:
    folder = copytree(FOLDER / "water-leak-burst", tmp_path / "water-leak-burst")
    (folder / name).write_bytes(content)
    with pytest.raises(RulesetInvalid) as caught:
        load_folder(folder)
    problem = caught.value.problems[0]
    assert (problem.file, problem.line) == (f"water-leak-burst/{name}", line)
    assert reason in problem.reason


def test_a_file_from_another_system_says_the_same(tmp_path: Path) -> None:
    folder = copytree(FOLDER / "water-leak-burst", tmp_path / "water-leak-burst")
    for name in ("ruleset.yaml", "template.zh.j2"):
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert load_folder(folder).hash == load_folder(FOLDER / "water-leak-burst").hash


@pytest.mark.parametrize("op", ["matches", "regex", "regexp", "pattern"])
def test_there_are_no_regular_expressions(op: str) -> None:
    text = YAML.replace("{gte: 5}", f"{{{op}: '(a+)+$'}}", 1)
    problem = refused(text)
    assert problem.field == f"perceive.flooded.enter.water.water_depth.{op}"
    assert "contains_any" in problem.fix


@pytest.mark.parametrize(
    "asked",
    [
        "{% for n in range(10 ** 9) %}x{% endfor %}",
        "{% for x in place recursive %}{{ loop(x) }}{% endfor %}",
        "{{ 'x' * 999999999 }}",
        "{% for letter in place %}{{ letter }}{% endfor %}",
        "{{ '%999999999d' % 1 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ place.__class__ }}",
        "{{ water._private }}",
        "{{ place['__class__'] }}",
        "{{ place | attr('__class__') }}",
        "{{ place | center(1000000000) }}",
        "{{ place | replace('', place) }}",
        "{{ place.format() }}",
        "{{ self.title() }}",
        "{% set x = place ~ place %}",
        "{% set x %}{{ place }}{% endset %}",
        "{% include 'ruleset.yaml' %}",
        "{% import 'os' as os %}",
        "{% from 'os' import path %}",
        "{% extends 'base' %}",
        "{% macro again() %}{{ again() }}{% endmacro %}",
        "{% call place() %}{% endcall %}",
        "{% with x = place %}{% endwith %}",
        "{{ place is mapping }}",
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "{% if place %}" * 500 + "{% endif %}" * 500,
        "{{ " + "1 + " * 3000 + "1 }}",
        "x" * 20_000,
    ],
)
def test_a_template_may_ask_and_choose_and_nothing_else(asked: str) -> None:
    problem = refused(template=f"{{% block title %}}{{% endblock %}}{{% block text %}}{asked}{{% endblock %}}")
    assert (problem.file, problem.code) == ("template.zh.j2", "template")


def test_what_a_template_says_has_an_end() -> None:
    text = "{% block title %}{{ place }}{% endblock %}{% block text %}{{ place }}{{ place }}{% endblock %}"
    title, said = render(read_template(text), {"ruleset": "积水", "place": "长" * 1_000_000})
    assert (len(title), len(said)) == (LONGEST_TITLE, LONGEST_TEXT)


def test_a_template_may_compare_choose_and_write_times() -> None:
    asked = (
        "{% if rule in ['deep', 'flooded'] and water.water_depth > 1 %}{{ (water.water_depth / 100) | round(1) }}"
        "{% else %}{{ water.water_depth | default('不明') }}{% endif %}{{ at | local('%H:%M') }}"
    )
    from_texts("any", YAML, f"{{% block title %}}x{{% endblock %}}{{% block text %}}{asked}{{% endblock %}}", CATALOGUE)


@pytest.mark.parametrize(
    ("old", "new", "field", "said"),
    [
        ("water: {water_depth: 7.5}", "watr: {water_depth: 7.5}", "tests.0.feed.0.watr", "“water”"),
        ("water: {water_depth: 7.5}", "water: {water_dept: 7.5}", "tests.0.feed.0.water.water_dept", "“water_depth”"),
        ("water: {water_depth: 7.5}", "water: {water_depth: deep}", "tests.0.feed.0.water.water_depth", "不是数字"),
        ("  - name: water in a cellar\n", "  - name: x\n    date: '2026-02-30'\n", "tests.0.date", "没有这一天"),
        ("tier: grid, handler: property, inform: [committee]", "tier: grid", "classify.0.then.handler", "缺少这一项"),
        (HIGH, "then: nothing", "classify.3.then", "应为 none"),
        ("ruleset: water-leak-burst", "ruleset: Water_Leak", "ruleset", "door-left-open"),
        ("unit: cm", "unit: cm, lable: x", "signals.water.fields.water_depth.lable", "“label”"),
        ("close: auto_when_inspected", "close: automatic", "case.close", "auto_when_inspected"),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_what_was_expected(old: str, new: str, field: str, said: str) -> None:
    assert old in YAML
    problem = refused(YAML.replace(old, new, 1))
    assert problem.field == field
    assert said in problem.reason + problem.fix
