"""The shape of the project: who may import whom, and names that collide with nobody's."""

import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
SETTINGS = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
TOP_LEVEL = SETTINGS["tool"]["importlinter"]["root_packages"]


@pytest.mark.parametrize("name", TOP_LEVEL)
def test_a_top_level_name_is_ours_alone(name: str) -> None:
    owners = set(packages_distributions().get(name, [])) - {"linli"}
    assert not owners
    assert name not in sys.stdlib_module_names


def lint_imports(project: Path) -> "subprocess.CompletedProcess[str]":
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program, "--no-cache"], cwd=project, capture_output=True, text=True, check=False)


def test_a_database_import_in_the_domain_is_refused(tmp_path: Path) -> None:
    for name in TOP_LEVEL:
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    clean = lint_imports(tmp_path)
    assert clean.returncode == 0, clean.stdout
    with (tmp_path / "domain" / "places.py").open("a", encoding="utf-8") as source:
        source.write("\nimport sqlmodel\n")
    refused = lint_imports(tmp_path)
    assert refused.returncode != 0
    assert "domain.places -> sqlmodel" in refused.stdout
