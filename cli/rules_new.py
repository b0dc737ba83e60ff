"""`linli rules new TEMPLATE NAME`: a ruleset of one's own, begun from one of the common shapes."""

import re
from pathlib import Path
from shutil import copytree
from typing import Annotated

import typer

from cli.output import JsonOption, answer, bad_input, people
from cli.rules import rules_app
from rules.load import RULESET, load_folder
from rules.problems import nearest
from settings import load
from settings.model import RULESETS

TEMPLATES = RULESETS / "templates"
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
ID = re.compile(r"^ruleset: .*$", re.MULTILINE)


def register(app: typer.Typer) -> None:
    del app  # `cli.rules` has put the group there
    rules_app.command("new")(new)


def new(
    template: Annotated[str, typer.Argument(metavar="TEMPLATE", help="从哪个模板开始，例如 threshold。")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="新规则集的编号，也是目录名，例如 cellar-water。")],
    into: Annotated[Path | None, typer.Option("--into", help="放在哪个目录；默认数据目录下的 rulesets。")] = None,
    as_json: JsonOption = False,
) -> None:
    """从模板新建一份规则集，再照自己的情况改。"""
    known = sorted(path.parent.name for path in TEMPLATES.glob(f"*/{RULESET}"))
    if template not in known:
        raise bad_input("unknown-template", f"没有这个模板：{template}", field="template", fix=nearest(template, known))
    if not NAME.fullmatch(name):
        raise bad_input("bad-name", "编号用小写字母、数字和 -", field="name", fix="例如 cellar-water")
    folder = (into or load().rulesets_folder) / name
    if folder.exists():
        raise bad_input("name-taken", f"{folder} 已经有了", field="name", fix="换一个编号")
    copytree(TEMPLATES / template, folder)
    text = (folder / RULESET).read_text(encoding="utf-8")
    (folder / RULESET).write_text(ID.sub(f"ruleset: {name}", text, count=1), encoding="utf-8")
    data = {"folder": folder, "ruleset": load_folder(folder).id, "template": template}

    def show() -> None:
        people.print(f"✓ {folder}\n  改好以后：linli rules lint {folder}，linli rules test {folder}", markup=False)

    answer("rules.new", data, as_json=as_json, show=show)
