"""What happens in the interpreter's own finalization does not reach whoever called us."""

import subprocess
import sys

import pytest

from cli.output import ExitCode

ABORTS_AT_THE_END = "import atexit, os, runpy, sys; atexit.register(os.abort); sys.argv = {argv}; "


@pytest.mark.parametrize(
    ("module", "words", "code"),
    [("cli.main", ["doctor", "--help"], ExitCode.TRUE), ("cli.run", ["no-such-process"], ExitCode.BAD_INPUT)],
)
def test_a_command_ends_with_its_own_exit_code(module: str, words: list[str], code: ExitCode) -> None:
    program = ABORTS_AT_THE_END.format(argv=["linli", *words]) + f"runpy.run_module({module!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert (done.stdout or done.stderr).rstrip()
