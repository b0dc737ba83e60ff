"""`linli audit verify`: whether the record of events is as it was written."""

import typer

from cli.installation import carry_out, installation, store
from cli.output import JsonOption, Problem, answer, people
from store.verifying import Fault, Verified, verify

REASONS = {
    "event-changed": "事件被改动",
    "event-missing": "缺少事件",
    "events-cut-off": "事件链与案件记录不符，末尾可能被删除",
    "projection-differs": "案件现状与事件不符",
    "audit-changed": "审计记录被改动",
    "chain-rewritten": "事件链与留存的锚点不符，可能被整体改写",
    "stale-news": "消息长时间未被处理",
    "open-twice": "同一事项有两件未结案件",
    "position-ahead": "读取位置超过收件序号",
    "signal-lost": "已读的感知信息没有留存",
    "no-workflow": "未结案件没有流程在推进",
}


def as_problem(fault: Fault) -> Problem:
    """A fault as scripts and people read it; `field` names case and event."""
    where = "/".join(str(part) for part in (fault.case, fault.event) if part is not None)
    return Problem(code=fault.code, field=where or None, reason=f"{REASONS[fault.code]}：{fault.detail}")


async def _verify() -> Verified:
    async with store(installation()) as connections, connections.connection() as connection:
        await connection.execute("SET statement_timeout = 0")
        async with connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            return await verify(connection)


def register(app: typer.Typer) -> None:
    audit = typer.Typer(help="审计", no_args_is_help=True)
    app.add_typer(audit, name="audit")

    @audit.callback()
    def group() -> None:
        """审计：事件链的核对。"""

    @audit.command("verify")
    def verify_all(*, as_json: JsonOption = False) -> None:
        """核对每个案件的事件链、现状和审计记录，指出被改动的案件与事件。"""
        verified = carry_out(_verify())
        faults = [fault._asdict() for fault in verified.faults]
        answer(
            "audit.verify",
            {"cases": verified.cases, "events": verified.events, "faults": faults},
            as_json=as_json,
            ok=not faults,
            problems=[as_problem(fault) for fault in verified.faults],
            show=lambda: people.print(f"核对了 {verified.cases} 个案件、{verified.events} 个事件"),
        )
