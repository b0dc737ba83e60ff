"""`$LINLI_HOME/linli.json`: the secrets and ports of one home, made at the first start and kept."""

import base64
import json
import os
import secrets
import socket
from pathlib import Path
from typing import Any

import settings
from cli.output import Refused, bad_input, missing
from settings import Settings
from settings.model import STATE_FILE
from store import embedded

LOOPBACK = "127.0.0.1"
PORTS = range(20000, 30000)  # below what systems give to outgoing connections
OWN_SERVERS = {"postgres_port", "temporal_port", "temporal_ui_port", "broker_port", "web_port", "wecom_port"}
KEYS = ("payload_key", "contact_key", "hook_secret")
PASSWORDS = ("postgres_password", "owner_password", "app_password", "broker_password")


def prepare(home: Path) -> Settings:
    """The settings of a home that is about to be started: secrets made, ports free, addresses written down.

    Raises Refused where the home cannot be written or half of an outside database is given.
    """
    path = home / STATE_FILE
    make(home)
    try:
        state = read(path)
        fill_secrets(state)
        choose_ports(state)
        addresses(state)
        write(path, state)
    except OSError as error:
        raise not_writable(home, error) from error
    prepared = settings.load(home)
    if os.environ.get("LINLI_DATABASE_URL") and not os.environ.get("LINLI_OWNER_DATABASE_URL"):
        reason = "给了 LINLI_DATABASE_URL，还需要用于建表的 LINLI_OWNER_DATABASE_URL"
        raise bad_input("owner-database-url", reason, field="owner_database_url")
    for folder in (prepared.run_folder, prepared.log_folder):
        folder.mkdir(exist_ok=True, mode=0o700)
    return prepared


def make(home: Path) -> None:
    """The home's folder. Raises Refused where it cannot be."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise not_writable(home, error) from error


def not_writable(home: Path, error: OSError) -> Refused:
    return missing("home", f"数据目录不能写：{home}（{error.strerror}）", field="home", fix="设置 LINLI_HOME")


def embeds_postgres() -> bool:
    return not os.environ.get("LINLI_DATABASE_URL")


def embeds_temporal() -> bool:
    return not (os.environ.get("LINLI_TEMPORAL_ADDRESS") or os.environ.get("TEMPORAL_ADDRESS"))


def embeds_broker() -> bool:
    return not os.environ.get("LINLI_BROKER_HOST")


def embeds_wecom() -> bool:
    """The demo has a stand-in for government WeChat, unless the environment names one outside."""
    return settings.load().demo and not os.environ.get("LINLI_WECOM_HOST")


def read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise bad_input("state-file", f"{path} 不是 JSON：{error}", fix="从备份恢复，或换一个 LINLI_HOME") from error
    if not isinstance(state, dict):
        raise bad_input("state-file", f"{path} 里不是一个对象", fix="从备份恢复，或换一个 LINLI_HOME")
    return state


def write(path: Path, state: dict[str, Any]) -> None:
    """Whole or not at all, and for nobody else to read."""
    unfinished = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(state, file, indent=2, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def fill_secrets(state: dict[str, Any]) -> None:
    for name in PASSWORDS:
        state.setdefault(name, secrets.token_urlsafe(24))
    for name in KEYS:
        state.setdefault(name, base64.b64encode(secrets.token_bytes(32)).decode())


def choose_ports(state: dict[str, Any]) -> None:
    """A free port for every server of ours that has none, or whose port somebody else took meanwhile."""
    taken = {state.get(name) for name in OWN_SERVERS}
    for name in sorted(OWN_SERVERS):
        if given := os.environ.get(f"LINLI_{name.upper()}"):
            state[name] = int(given)
        elif not is_free(state.get(name, 0)):
            state[name] = next(port for port in shuffled(PORTS) if port not in taken and is_free(port))
            taken.add(state[name])


def shuffled(ports: range) -> list[int]:
    return secrets.SystemRandom().sample(ports, len(ports))


def is_free(port: int) -> bool:
    if port == 0:
        return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def addresses(state: dict[str, Any]) -> None:
    """Where our own servers are to be found; outside ones are named by the environment, which wins."""
    port = state["postgres_port"]
    state["database_url"] = embedded.dsn(embedded.APP, state["app_password"], port)
    state["owner_database_url"] = embedded.dsn(embedded.OWNER, state["owner_password"], port)
    state["temporal_address"] = f"{LOOPBACK}:{state['temporal_port']}"
    if embeds_wecom():
        state.update(standin(state))


def standin(state: dict[str, Any]) -> dict[str, Any]:
    """The demo's government WeChat, and its texts and calls: all go to the stand-in."""
    hooks = f"http://{LOOPBACK}:{state['wecom_port']}/hooks"
    place = {"wecom_host": LOOPBACK, "wecom_tls": False, "wecom_corp": "linli-demo", "wecom_agent": 1000002}
    secret = {"wecom_secret": state.get("wecom_secret") or secrets.token_urlsafe(24)}
    return {**place, **secret, "sms_url": f"{hooks}/sms", "voice_url": f"{hooks}/voice"}
