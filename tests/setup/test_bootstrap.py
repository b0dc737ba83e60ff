"""The set-up script: what it says when something is missing, and that it does nothing twice."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parent.parent.parent / "setup" / "bootstrap.py"


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, its virtual environment an empty folder."""
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "bin").mkdir()
    monkeypatch.setattr(module, "VENV", tmp_path)
    monkeypatch.setattr(module, "PYTHON", tmp_path / "bin" / "python")
    monkeypatch.setattr(module, "STAMP", tmp_path / "linli.json")
    return module


def test_a_missing_compiler_is_said_before_pip_runs(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _name: None)
    with pytest.raises(bootstrap.Missing, match="C 编译器"):
        bootstrap.needs_compiler("python3")


def test_missing_headers_are_said_before_pip_runs(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _name: "/usr/bin/cc")
    monkeypatch.setattr(bootstrap.subprocess, "check_output", lambda *_, **__: f"{tmp_path}\n")
    with pytest.raises(bootstrap.Missing, match=r"Python\.h"):
        bootstrap.needs_compiler("python3")


def test_an_unsuitable_python_is_named(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "VERSIONS", ((3, 1),))
    with pytest.raises(bootstrap.Missing, match=r"需要 Python 3\.11 或 3\.12"):
        bootstrap.suitable_python()


def test_what_was_installed_from_the_same_lock_file_is_not_installed_again(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    monkeypatch.setattr(bootstrap, "run", lambda title, *_, **__: ran.append(title))
    bootstrap.PYTHON.touch()
    bootstrap.python_packages(dev=True)
    assert len(ran) == 2
    bootstrap.python_packages(dev=True)
    assert len(ran) == 2
    bootstrap.remember("python-dev", "another lock file")
    bootstrap.python_packages(dev=True)
    assert len(ran) == 4


def test_an_installation_that_was_broken_off_begins_anew(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []

    def run(title: str, *_: object, **__: object) -> None:
        ran.append(title)
        if len(ran) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "run", run)
    bootstrap.PYTHON.touch()
    with pytest.raises(KeyboardInterrupt):
        bootstrap.python_packages(dev=True)
    bootstrap.python_packages(dev=True)
    bootstrap.remember("python-dev", "another lock file")
    bootstrap.python_packages(dev=True)
    install = ["安装 Python 包（几分钟）", "安装邻里"]
    assert ran == [*install[:1], "建立虚拟环境", *install, *install]


def test_a_failing_step_says_what_it_said_last(bootstrap: ModuleType) -> None:
    with pytest.raises(bootstrap.Missing, match="no space left"):
        bootstrap.run("安装", ["sh", "-c", "echo no space left; exit 1"])


def test_the_editor_is_bundled_once_and_again_when_its_source_changes(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ran: list[str] = []
    monkeypatch.setattr(bootstrap, "EDITOR", tmp_path)
    monkeypatch.setattr(bootstrap, "BUNDLE", tmp_path / "bin" / "bundle.js")
    monkeypatch.setattr(bootstrap, "run", lambda title, *_, **__: (ran.append(title), bootstrap.BUNDLE.touch()))
    (tmp_path / "editor.js").write_text("1", encoding="utf-8")
    bootstrap.editor_bundle()
    bootstrap.editor_bundle()
    assert len(ran) == 1
    (tmp_path / "editor.js").write_text("2", encoding="utf-8")
    bootstrap.editor_bundle()
    assert len(ran) == 2
