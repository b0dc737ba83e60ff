"""The processes of one installation: what starts each, and how one sees that it is ready."""

import asyncio
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from socket import AF_UNIX, create_connection, socket

from adapters.mqtt import broker
from cli.output import bad_input
from cli.state import embeds_broker, embeds_postgres, embeds_temporal, embeds_wecom
from settings import Settings
from settings.model import PROJECT
from store import embedded
from temporal import server

PROBE_TIMEOUT = 1.0  # seconds


@dataclass(frozen=True)
class Start:
    """How a program is started: its words, whom it runs as (None: as we do), and in which folder."""

    words: list[str]
    user: str | None = None
    folder: Path = PROJECT


@dataclass(frozen=True)
class Process:
    """One process by the name it has in `linli run NAME` and in `data.pids`."""

    name: str
    title: str  # what people read
    start: Callable[[Settings], Start]
    ready: Callable[[Settings], bool]
    stop_signal: signal.Signals = signal.SIGTERM
    needed: Callable[[], bool] = field(default=lambda: True)  # False: the environment names one outside


def _postgres(settings: Settings) -> Start:
    words = embedded.command(settings.home, settings.postgres_port)
    return Start(words, user=embedded.os_user(), folder=embedded.data_folder(settings.home))


def _temporal_program() -> Path:
    program = server.find()
    if program is None:
        raise server.NoTemporal("本机还没有 Temporal 服务器程序：请运行 make setup")
    return program


def _temporal(settings: Settings) -> Start:
    database = settings.home / "temporal" / "temporal.db"
    database.parent.mkdir(exist_ok=True, mode=0o700)
    words = server.command(_temporal_program(), database, settings.temporal_port, settings.temporal_ui_port)
    return Start(words)


def _broker(settings: Settings) -> Start:
    broker.prepare(settings)
    return Start(broker.command(settings))


def _ours(name: str) -> Callable[[Settings], Start]:
    return lambda _: Start([sys.executable, "-m", "cli.run", name])


def _listens(port: int) -> bool:
    try:
        create_connection(("127.0.0.1", port), timeout=PROBE_TIMEOUT).close()
    except OSError:
        return False
    return True


def _listens_on_socket(path: Path) -> bool:
    with socket(AF_UNIX) as probe:
        probe.settimeout(PROBE_TIMEOUT)
        return probe.connect_ex(os.fspath(path)) == 0


def _answers_http(settings: Settings) -> bool:
    url = f"http://127.0.0.1:{settings.web_port}/health"
    try:
        urllib.request.urlopen(url, timeout=PROBE_TIMEOUT).close()
    except urllib.error.HTTPError:
        return True  # it serves; that something behind it is down is not its own fault
    except OSError:
        return False
    return True


def _says_so(name: str) -> Callable[[Settings], bool]:
    return lambda settings: settings.ready_file(name).exists()


# In the order of start; stopped in reverse.
PROCESSES = (
    Process(
        "postgres",
        "数据库",
        _postgres,
        lambda settings: embedded.is_ready(settings.postgres_port),
        stop_signal=signal.SIGINT,  # "fast": ends sessions; SIGTERM would wait for them
        needed=embeds_postgres,
    ),
    Process(
        "temporal",
        "流程引擎",
        _temporal,
        lambda settings: server.is_ready(_temporal_program(), settings.temporal_port),
        needed=embeds_temporal,
    ),
    Process(
        "broker",
        "消息代理",
        _broker,
        lambda settings: _listens(settings.broker_port),
        needed=embeds_broker,
    ),
    Process("engine", "规则引擎", _ours("engine"), lambda settings: _listens_on_socket(settings.engine_socket)),
    Process("web", "网页与接口", _ours("web"), _answers_http),
    Process("case-worker", "案件流程", _ours("case-worker"), _says_so("case-worker")),
    Process("perception", "感知", _ours("perception"), _says_so("perception")),
    Process("backtester", "规则回测", _ours("backtester"), _says_so("backtester")),
    Process(
        "wecom-standin",
        "政务微信（演示）",
        _ours("wecom-standin"),
        lambda settings: _listens(settings.wecom_port),
        needed=embeds_wecom,
    ),
    Process("notifier", "消息发送", _ours("notifier"), _says_so("notifier")),
    Process("mqtt", "设备接入", _ours("mqtt"), _says_so("mqtt")),
)
BY_NAME = {process.name: process for process in PROCESSES}
SERVERS = ("postgres", "temporal", "broker")


def named(name: str) -> Process:
    """The process of that name; raises Refused with the names there are."""
    if name not in BY_NAME:
        raise bad_input("unknown-process", f"没有名为 {name!r} 的进程", field="name", fix="可选：" + "、".join(BY_NAME))
    return BY_NAME[name]


def run_engine(settings: Settings) -> None:
    settings.engine_socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    import_module("rules.engine.server").serve(settings.engine_socket, settings.engine_crashes_on)


def run_web(settings: Settings) -> None:
    app = import_module("web.app").create_app(settings)
    import_module("web.serving").serve(app, settings.web_host, settings.web_port)


def run_case_worker(settings: Settings) -> None:
    asyncio.run(import_module("temporal.worker.cases").run_case_worker(settings))


def run_perception(settings: Settings) -> None:
    asyncio.run(import_module("temporal.worker.perception").run_perception(settings))


def run_backtester(settings: Settings) -> None:
    asyncio.run(import_module("temporal.worker.backtester").run_backtester(settings))


def run_wecom_standin(settings: Settings) -> None:
    import_module("cli.wecom").serve(settings)


def run_notifier(settings: Settings) -> None:
    asyncio.run(import_module("activities.tell.notifier").run_notifier(settings))


def run_mqtt(settings: Settings) -> None:
    asyncio.run(_listen(settings))


async def _listen(settings: Settings) -> None:
    async with import_module("store.intake").open_intake(settings) as intake:
        await import_module("adapters.mqtt.listener").run(settings, intake)


OURS: dict[str, Callable[[Settings], None]] = {
    "engine": run_engine,
    "web": run_web,
    "case-worker": run_case_worker,
    "perception": run_perception,
    "backtester": run_backtester,
    "wecom-standin": run_wecom_standin,
    "notifier": run_notifier,
    "mqtt": run_mqtt,
}
