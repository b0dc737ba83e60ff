"""`linli rules mutate`: which small changes of a ruleset its own tests would not notice."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from cli.output import JsonOption, Problem, answer, people
from cli.rules import Folders, located, rules_app, rulesets_in
from cli.working_days import in_force_here, told
from rules.mutants import Kind
from rules.mutate import Mutated, Survivor, cores, mutate
from rules.problems import RulesetInvalid

FIX = "加一个测试，正好落在界限上，和差一点点"


def register(app: typer.Typer) -> None:
    del app  # `cli.rules` has put the group there
    rules_app.command("mutate")(run)


def run(
    folders: Folders = None,
    only: Annotated[Kind | None, typer.Option("--only", help="只试一种改动。")] = None,
    as_json: JsonOption = False,
) -> None:
    """一处一处地改动门槛、比较、时长，看测试能不能发现；有门槛改了没人发现就算不通过。"""
    tried: list[Mutated] = []
    problems: list[Problem] = []
    calendar = in_force_here()
    for folder in rulesets_in(folders):
        people.print(f"… {folder.name}", markup=False)
        try:
            tried.append(mutate(folder, processes=cores(), only=only, calendar=calendar))
        except RulesetInvalid as invalid:
            problems += map(located, invalid.problems)
    problems += [_problem(survivor) for one in tried for survivor in one.survivors if survivor.kind is Kind.THRESHOLD]
    survived = [{"ruleset": one.ruleset, **asdict(survivor)} for one in tried for survivor in one.survivors]
    data = {
        "items": [_item(one) for one in tried],
        "next": None,
        "killed": sum(one.killed for one in tried),
        "equivalent": sum(one.equivalent for one in tried),
        "survived": survived,
        "calendar": told(calendar),
    }

    def show() -> None:
        for one in tried:
            said = f"{one.killed} 处改动被测试发现，{len(one.survivors)} 处没有，{one.equivalent} 处改了等于没改"
            people.print(f"{'✗' if one.moved_thresholds else '✓'} {one.ruleset}：{said}", markup=False)
            for survivor in one.survivors:
                where = f"{survivor.file}:{survivor.line}"
                people.print(f"  {where} {survivor.kind}：{survivor.words}", markup=False)

    answer("rules.mutate", data, as_json=as_json, ok=not problems, problems=problems, show=show)


def _item(one: Mutated) -> dict[str, Any]:
    counted = {kind.value: sum(survivor.kind is kind for survivor in one.survivors) for kind in Kind}
    return {
        "ruleset": one.ruleset,
        "killed": one.killed,
        "equivalent": one.equivalent,
        "survived": len(one.survivors),
        "survived_by_kind": counted,
    }


def _problem(survivor: Survivor) -> Problem:
    reason = f"{survivor.file}:{survivor.line}: 没有测试发现这处改动：{survivor.words}"
    return Problem(code="mutant-survived", field=survivor.field, reason=reason, fix=FIX)
