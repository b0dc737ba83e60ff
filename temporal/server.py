"""Where Temporal's development server comes from, and how it is started (DESIGN §7, "Servers").

Looked for in this order: `$TEMPORAL_CLI`, `temporal` on PATH, Linli's cache, the SDK's own download, a Go build of the
`go.mod` beside this file. `python -m temporal.server` gets it and prints where it is.
"""

import asyncio
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
GO_REQUIREMENTS = HERE.parent / "requirements" / "go.txt"
GO_AT_LEAST = (1, 26)
PACKAGE = "github.com/temporalio/cli/cmd/temporal"
Tell = Callable[[str], None]


class NoTemporal(RuntimeError):
    """No Temporal server can be had here; the message says what was tried."""


def cache_file() -> Path:
    """Where Linli keeps its server: one per recipe, so that a new `go.mod` gets a new one."""
    recipe = hashlib.sha256((HERE / "go.mod").read_bytes() + (HERE / "go.sum").read_bytes()).hexdigest()[:12]
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "linli" / f"temporal-{recipe}" / "temporal"


def find() -> Path | None:
    """The server program as it is on this machine now; None where it has to be fetched or built first."""
    if given := os.environ.get("TEMPORAL_CLI"):
        path = shutil.which(given)
        if path is None:
            raise NoTemporal(f"TEMPORAL_CLI 指向的程序不存在或不能执行：{given}")
        return Path(path)
    if on_path := shutil.which("temporal"):
        return Path(on_path)
    return cache_file() if os.access(cache_file(), os.X_OK) else None


def ensure(tell: Tell) -> Path:
    """The server program, fetched or built where it is not here yet (minutes); `tell` gets lines of progress.

    Raises NoTemporal where neither works.
    """
    if found := find():
        return found
    try:
        tell("下载 Temporal 开发服务器")
        _download(cache_file())
    except (RuntimeError, OSError) as error:
        tell(f"不能下载（{str(error)[:120]}），改为编译")
        build(cache_file(), tell)
    return cache_file()


def _download(to: Path) -> None:
    from temporalio.testing import WorkflowEnvironment  # noqa: PLC0415 - slow to import, seldom needed

    async def fetch(folder: str) -> None:
        server = await WorkflowEnvironment.start_local(download_dest_dir=folder)
        await server.shutdown()

    with tempfile.TemporaryDirectory(prefix="linli-temporal-") as folder:
        asyncio.run(fetch(folder))
        largest = max(Path(folder).iterdir(), key=lambda path: path.stat().st_size)
        _keep(largest, to)


def build(to: Path, tell: Tell) -> None:
    """Build the server from our `go.mod` into `to`, in temporary caches (3.4 GB) that are removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="linli-go-") as folder:
        work = Path(folder)
        go = go_program() or _go_from_pypi(work / "go", tell)
        environment = os.environ | {
            "GOPATH": str(work / "path"),
            "GOMODCACHE": str(work / "path" / "mod"),
            "GOCACHE": str(work / "cache"),
            "GOTMPDIR": folder,
            "GOTOOLCHAIN": "local",
            "GOFLAGS": "-modcacherw -buildvcs=false -mod=readonly",
            "CGO_ENABLED": "0",
        }
        made = work / "temporal"
        command = [str(go), "build", "-v", "-trimpath", "-ldflags", "-s -w", "-o", str(made), PACKAGE]
        _build(command, environment, tell)
        _keep(made, to)


def _build(command: list[str], environment: dict[str, str], tell: Tell) -> None:
    began, told, compiled, said = time.monotonic(), 0.0, 0, ""
    with subprocess.Popen(  # noqa: S603
        command, cwd=HERE, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        for line in process.stderr or ():
            said = (said + line)[-2000:]
            compiled += not line.startswith("go: ")
            if time.monotonic() - told > 1:
                told = time.monotonic()
                tell(f"编译 Temporal（只此一次，约 4 分钟）：已编译 {compiled} 个包，{told - began:.0f} 秒")
    if process.returncode != 0:
        raise NoTemporal(f"编译 Temporal 失败：\n{said}")


def go_program() -> Path | None:
    """`go` from PATH where it is new enough."""
    go = shutil.which("go")
    if go is None:
        return None
    version = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    numbers = re.match(r"go(\d+)\.(\d+)", version)
    new_enough = numbers is not None and tuple(int(part) for part in numbers.groups()) >= GO_AT_LEAST
    return Path(go) if new_enough else None


def _go_from_pypi(folder: Path, tell: Tell) -> Path:
    tell("下载 Go 编译器")
    options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--target", str(folder)]
    command = [sys.executable, "-m", "pip", "install", *options, "-r", str(GO_REQUIREMENTS)]
    got = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    found = next((path for path in folder.glob("**/bin/go") if os.access(path, os.X_OK)), None)
    if got.returncode != 0 or found is None:
        raise NoTemporal(f"需要 Go ≥ {'.'.join(map(str, GO_AT_LEAST))}，也不能从 PyPI 取得：{got.stderr[-500:]}")
    return found


def _keep(made: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    unfinished = to.with_suffix(f".{os.getpid()}")
    shutil.copyfile(made, unfinished)
    unfinished.chmod(0o755)
    unfinished.replace(to)


def command(program: Path, database: Path, port: int, ui_port: int) -> list[str]:
    """What starts the development server in the foreground, its file on disk."""
    return [
        str(program),
        "server",
        "start-dev",
        *("--ip", "127.0.0.1", "--port", str(port), "--ui-port", str(ui_port)),
        *("--db-filename", str(database)),
        *("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL"),
        *("--ui-disable-news-fetch", "--log-level", "warn"),
    ]


def is_ready(program: Path, port: int) -> bool:
    """Whether the server there answers, so that clients and workers may connect."""
    probe = [str(program), "operator", "cluster", "health", "--address", f"127.0.0.1:{port}", "--command-timeout", "2s"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0  # noqa: S603


def main() -> None:
    try:
        print(ensure(lambda line: print(line, file=sys.stderr, flush=True)))  # noqa: T201
    except NoTemporal as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
