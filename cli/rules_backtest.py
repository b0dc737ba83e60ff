"""`linli rules backtest`: what a version would have made of the signals that are stored, beside another version."""

import asyncio
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError

from activities.backtest.asked import beside, real_cases, texts_of
from activities.backtest.playing import Ask, BacktestFailed, Cancelled, Played, Texts, play, versions_of
from activities.backtest.telling import summary, told
from cli.installation import carry_out, installation, store
from cli.output import JsonOption, Problem, Refused, answer, bad_input, missing, people
from cli.rules import rules_app
from domain.places import AreaPath
from rules.backtest import Change
from rules.load import RULESET, TEMPLATE, load_folder
from rules.problems import RulesetInvalid
from settings import Settings
from store.pool import Connection

ACTIVE = "active"
VERSION = """
    SELECT hash FROM rulesets WHERE id = %(ruleset)s
    AND CASE WHEN %(version)s = 'active' THEN stage = 'active' ELSE starts_with(hash, %(version)s) END LIMIT 2"""
STORED = "SELECT min(received_at), clock_timestamp() FROM signals WHERE type = ANY (%s)"
CHANGES = {Change.NEW: "多出", Change.GONE: "不再有", Change.MOVED: "改变", Change.SAME: "不变"}


def register(app: typer.Typer) -> None:
    del app  # `cli.rules` has put the group there
    rules_app.command("backtest")(backtest)


def backtest(
    *,
    ruleset: Annotated[str, typer.Argument(help="规则集的 id，或一个目录（试的就是目录里的内容）。")],
    version: Annotated[
        str | None, typer.Option("--version", help="试哪个版本（哈希或其开头），默认在用的版本。")
    ] = None,
    against: Annotated[str, typer.Option("--against", help="与哪个版本比：哈希，或 active。")] = ACTIVE,
    since: Annotated[str | None, typer.Option("--from", help="从何时收到的感知信息起，例如 2026-10-01。")] = None,
    until: Annotated[str | None, typer.Option("--to", help="到何时为止（不含）。")] = None,
    area: Annotated[str | None, typer.Option("--area", help="只看这个区域，例如 /310110/kj/c07/。")] = None,
    as_json: JsonOption = False,
) -> None:
    """用存下的感知信息回测：案件会多出、不再有、改变哪些，误报少几件，漏掉几件真警。"""
    given = installation()
    wanted = _Wanted(given, ruleset, version, against, since, until, area)
    data = carry_out(wanted.played())
    answer("rules.backtest", data, as_json=as_json, show=lambda: _show(data))


class _Wanted:
    """What was asked on the command line."""

    def __init__(
        self,
        given: Settings,
        ruleset: str,
        version: str | None,
        against: str,
        since: str | None,
        until: str | None,
        area: str | None,
    ) -> None:
        self._given = given
        self._folder = Path(ruleset) if (Path(ruleset) / RULESET).is_file() else None
        self._ruleset = ruleset
        self._version, self._against = version, against
        self._since, self._until = (self._moment(since, "from"), self._moment(until, "to"))
        self._area = _area(area)

    async def played(self) -> dict[str, Any]:
        stop = Event()
        async with store(self._given) as connections, connections.connection() as connection:
            ask, hashes = await self._ask(connection)
            of = await asyncio.to_thread(ask.rulesets)
            real = await real_cases(connection, of, ask.since, ask.until, ask.area)
        try:
            with people.status("回测") as status:

                def report(done: int, total: int) -> None:
                    if stop.is_set():
                        raise Cancelled
                    status.update(f"回测：{done:,} / {total:,} 条感知信息")

                found = await asyncio.to_thread(play, ask, real, report)
        except BacktestFailed as failed:
            raise Refused(Problem(code=failed.code, reason=f"回测没有完成：{failed}")) from failed
        finally:
            stop.set()
        if found.signals == 0:
            raise _no_signals()
        return {**hashes, "since": ask.since, "until": ask.until, "area": ask.area, **_data(found)}

    async def _ask(self, connection: Connection) -> tuple[Ask, dict[str, str | None]]:
        tried, hash_ = await self._tried(connection)
        against = await _hash_of(connection, tried.ruleset, self._against)
        if against is None and self._against != ACTIVE:
            raise bad_input("unknown-version", f"{tried.ruleset} 没有版本 {self._against}", field="against")
        texts = await texts_of(connection, against) if against else None
        around = await beside(connection, self._given.zone_name)
        try:
            versions = await asyncio.to_thread(versions_of, tried, texts, around)
        except RulesetInvalid as invalid:
            raise _invalid(invalid) from invalid
        since, until = await self._period(connection, sorted({kind for one in versions for kind in one.routes}))
        ask = Ask(self._given.database_url, tried, texts, around, since, until, self._area)
        return ask, {"ruleset": tried.ruleset, "version": hash_, "against": against}

    async def _period(self, connection: Connection, types: list[str]) -> tuple[datetime, datetime]:
        """As it was asked for, else from the first stored signal of these types up to now."""
        first, now = await (await connection.execute(STORED, (types,))).fetchone() or (None, None)
        if first is None or now is None:
            raise _no_signals()
        since, until = self._since or first, self._until or now
        if since >= until:
            raise bad_input("field-invalid", "--from 要早于 --to", field="from")
        return since, until

    async def _tried(self, connection: Connection) -> tuple[Texts, str | None]:
        """The version that is tried, and its hash; None: it is a folder's."""
        if self._folder is not None and self._version is None:
            try:
                compiled = load_folder(self._folder)
            except RulesetInvalid as invalid:
                raise _invalid(invalid) from invalid
            texts = [(self._folder / name).read_text(encoding="utf-8") for name in (RULESET, TEMPLATE)]
            return Texts(compiled.id, *texts), None
        ruleset = self._folder.resolve().name if self._folder else self._ruleset
        hash_ = await _hash_of(connection, ruleset, self._version or ACTIVE)
        if hash_ is None:
            what = f"版本 {self._version}" if self._version else "在用的版本"
            fix = "linli rules backtest rulesets/<目录>"
            raise bad_input("unknown-version", f"规则集 {ruleset} 没有{what}", field="ruleset", fix=fix)
        return await texts_of(connection, hash_), hash_

    def _moment(self, text: str | None, field: str) -> datetime | None:
        if text is None:
            return None
        with suppress(ValueError):
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=self._given.zone)
        raise bad_input(
            "field-invalid", f"不是日期或时刻：{text}", field=field, fix="例如 2026-10-01 或 2026-10-01T08:00"
        )


def _area(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return TypeAdapter(AreaPath).validate_python(f"/{text.strip('/')}/")
    except ValidationError:
        raise bad_input("field-invalid", f"不是区域：{text}", field="area", fix="例如 /310110/kj/c07/") from None


async def _hash_of(connection: Connection, ruleset: str, version: str) -> str | None:
    """The version of that hash, or of a hash that begins so; None: there is none, or more than one."""
    found = await (await connection.execute(VERSION, {"ruleset": ruleset, "version": version})).fetchall()
    return str(found[0][0]) if len(found) == 1 else None


def _no_signals() -> Refused:
    reason = "这段时间、这个区域里没有这个规则集要听的感知信息"
    return missing("no-signals", reason, field="from", fix="linli signals list；或先让设备上报，例如 linli simulate")


def _invalid(invalid: RulesetInvalid) -> Refused:
    problems = [
        Problem(
            code=each.code, field=each.field, reason=f"{each.file}:{each.line}: {each.reason}", fix=each.fix or None
        )
        for each in invalid.problems
    ]
    return Refused(*problems, exit_code=bad_input("", "").exit_code)


def _data(played: Played) -> dict[str, Any]:
    found = played.difference
    shown = [item for item in found.items if item.change is not Change.SAME]
    same = [item for item in found.items if item.change is Change.SAME]
    return {**summary(played), "items": [told(item, found) for item in (*shown, *same)], "next": None}


def _show(data: dict[str, Any]) -> None:
    people.print(f"{data['ruleset']}：{data['signals']:,} 条感知信息，{data['seconds']:.1f} 秒")
    people.print("，".join(f"{label} {data[change.value]} 件" for change, label in CHANGES.items()))
    people.print(f"误报少 {data['false_saved']} 件，漏掉真警 {data['true_lost']} 件")
    for item in data["items"]:
        if item["change"] != Change.SAME:
            number = (item["case"] or {}).get("number") or ""
            label = CHANGES[Change(item["change"])]
            people.print(f"  {label} {item['opened_at']:%m-%d %H:%M} {item['place']} {number}", markup=False)
