"""`linli doctor`: what is missing on this machine, and how to get it."""

import os
import platform
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from pydantic import BaseModel

import settings
from adapters.mqtt import broker
from cli import control
from cli.invariants import answer_invariants
from cli.output import ExitCode, JsonOption, Problem, Refused, answer, people
from cli.processes import PROCESSES
from cli.state import embeds_temporal, is_free, read
from settings import Settings
from settings.model import PROJECT, STATE_FILE
from temporal import server

SUPPORTED = ((3, 11), (3, 12))
QUARANTINED = """
    SELECT id, hash FROM rulesets WHERE quarantined_at IS NOT NULL AND stage IN ('shadow', 'canary', 'active')
    ORDER BY id, hash"""


LATE = """
    SELECT id, hash FROM rulesets WHERE starts_at < clock_timestamp() - interval '1 minute' ORDER BY id, hash"""


class Finding(BaseModel):
    """One thing looked at. What is not `needed` here only limits something, which `reason` names."""

    name: str
    ok: bool
    reason: str
    fix: str | None = None
    needed: bool = True

    def as_problem(self) -> Problem:
        return Problem(code="missing" if self.needed else "limited", field=self.name, reason=self.reason, fix=self.fix)


def register(app: typer.Typer) -> None:
    @app.command("doctor")
    def doctor(
        *,
        invariants: Annotated[bool, typer.Option("--invariants", help="核对数据：事件链、现状、流程。")] = False,
        as_json: JsonOption = False,
    ) -> None:
        """检查本机缺什么、怎么补上。"""
        if invariants:
            answer_invariants(as_json=as_json)
        given = settings.load()
        machine = [*python_findings(), *program_findings(), *home_findings(given)]
        servers = [*server_findings(given), *ruleset_findings(given)]
        findings = [*machine, *servers]
        lacking = [finding.as_problem() for finding in findings if finding.needed and not finding.ok]
        data = {"items": findings, "next": None, "home": given.home}
        if not as_json:
            show(findings)
        if lacking:
            machine_lacks = any(finding.needed and not finding.ok for finding in machine)
            exit_code = ExitCode.MISSING if machine_lacks else ExitCode.FALSE
            raise Refused(*lacking, exit_code=exit_code, data=data)
        answer("doctor", data, as_json=as_json)


def show(findings: list[Finding]) -> None:
    for finding in findings:
        mark = "[green]✓[/green]" if finding.ok else "[red]✗[/red]" if finding.needed else "[yellow]○[/yellow]"
        people.print(f"{mark} {finding.name:12} {finding.reason}")
        if finding.fix and not finding.ok and not finding.needed:
            people.print(f"  → {finding.fix}", markup=False)


def python_findings() -> Iterator[Finding]:
    fine = sys.version_info[:2] in SUPPORTED
    yield Finding(
        name="python", ok=fine, reason=f"Python {platform.python_version()}", fix="请用 Python 3.11 或 3.12 重建 .venv"
    )
    engine = find_spec("durable_rules_engine") is not None
    yield Finding(
        name="rule-engine",
        ok=engine,
        reason="规则引擎 durable_rules 已装" if engine else "缺少规则引擎 durable_rules",
        fix="make setup",
    )
    headers = (Path(sysconfig.get_paths()["include"]) / "Python.h").exists()
    yield Finding(
        name="headers",
        ok=headers,
        needed=not engine,
        reason="Python 头文件齐全" if headers else "没有 Python 头文件：不能编译规则引擎",
        fix=f"Debian：apt-get install python{sysconfig.get_python_version()}-dev",
    )
    compiler = any(shutil.which(name) for name in ("cc", "gcc", "clang"))
    yield Finding(
        name="cc",
        ok=compiler,
        needed=not engine,
        reason="有 C 编译器" if compiler else "没有 C 编译器：不能编译规则引擎",
        fix="Debian：apt-get install gcc",
    )


def program_findings() -> Iterator[Finding]:
    fetched = (PROJECT / "node_modules" / "htmx.org").is_dir()
    yield Finding(
        name="front-end",
        ok=fetched,
        reason="前端包已装" if fetched else "前端包未装：网页没有样式与交互",
        fix="make setup（没有 Node.js 时从 PyPI 取）",
    )
    yield temporal_finding()
    has_go = server.go_program() is not None
    yield Finding(
        name="go",
        ok=has_go,
        needed=False,
        reason="有 Go 编译器" if has_go else "没有足够新的 Go：需要编译 Temporal 时从 PyPI 取",
    )
    yield broker_finding()
    browser = any(shutil.which(name) for name in ("chromium", "google-chrome"))
    yield Finding(
        name="chromium",
        ok=browser,
        needed=False,
        reason="有 Chromium" if browser else "没有 Chromium：不能跑网页测试",
        fix="python3 setup/bootstrap.py --dev",
    )


def temporal_finding() -> Finding:
    if not embeds_temporal():
        return Finding(name="temporal", ok=True, reason="用外部的 Temporal（环境变量）")
    try:
        program = server.find()
    except server.NoTemporal as error:
        return Finding(name="temporal", ok=False, reason=str(error), fix="更正或去掉 TEMPORAL_CLI")
    reason = f"Temporal 服务器：{program}" if program else "没有 Temporal 服务器程序"
    return Finding(name="temporal", ok=program is not None, reason=reason, fix="make setup（下载或编译，约 4 分钟）")


def broker_finding() -> Finding:
    try:
        kind = broker.kind()
        broker.command(settings.load())
    except broker.NoBroker as error:
        return Finding(name="broker", ok=False, reason=str(error), fix="去掉 LINLI_BROKER，或安装 mosquitto")
    return Finding(name="broker", ok=True, reason=f"消息代理用 {kind}")


def home_findings(given: Settings) -> Iterator[Finding]:
    existing = next(folder for folder in (given.home, *given.home.parents) if folder.exists())
    writable = os.access(existing, os.W_OK | os.X_OK)
    reason = f"数据目录 {given.home}" if writable else f"数据目录不能写：{given.home}"
    yield Finding(name="home", ok=writable, reason=reason, fix="设置 LINLI_HOME")
    if control.ask(given, "status") is None:
        state = read(given.home / STATE_FILE)
        taken = [str(port) for name, port in state.items() if name.endswith("_port") and not is_free(port)]
        reason = f"端口被别的程序占用：{'、'.join(taken)}（启动时会另选）" if taken else "端口空闲"
        yield Finding(name="ports", ok=not taken, needed=False, reason=reason)


def server_findings(given: Settings) -> Iterator[Finding]:
    """Whether each process that should run answers; nothing where nothing runs."""
    if control.ask(given, "status") is None:
        return
    for process in PROCESSES:
        if process.needed():
            answers = process.ready(given)
            reason = f"{process.title}{'正常' if answers else '没有应答'}"
            fix = f"linli start {process.name}；日志 {given.log_folder / process.name}.log"
            yield Finding(name=process.name, ok=answers, reason=reason, fix=fix)


def ruleset_findings(given: Settings) -> Iterator[Finding]:
    """The versions that the rule engine does not survive, or that do not start; nothing where nothing runs."""
    if control.ask(given, "status") is None:
        return
    found = (
        (QUARANTINED, "三次让规则引擎中断，已改由备用程序判断：告警照常", "请作者简化条件，发布新版本"),
        (
            LATE,
            "到了启用时间还没有启用",
            f"看日志 {given.log_folder / 'case-worker'}.log；请作者撤回申请，改好再申请",
        ),
    )
    with suppress(psycopg.OperationalError), psycopg.connect(given.database_url, connect_timeout=2) as connection:
        for statement, what, fix in found:
            for ruleset, version in connection.execute(statement).fetchall():
                reason = f"规则集 {ruleset} 的版本 {version[:12]} {what}"
                yield Finding(name=f"ruleset:{ruleset}", ok=False, needed=False, reason=reason, fix=fix)
