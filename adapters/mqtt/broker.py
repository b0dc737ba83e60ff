"""The MQTT broker of one machine: Mosquitto where it is installed, else the embedded amqtt.

`LINLI_BROKER=amqtt|mosquitto` forces one. Both listen on loopback, know one user (settings `broker_username`,
`broker_password`), and remember persistent sessions and what waits for them over a kill.

Measured on two cores with QoS 1, listener connected: amqtt with our journal 2,400 messages/s, and nothing acknowledged
is ever lost; Mosquitto 10,000/s, but it saves once a second: killed in the same second as the listener it may lose what
came in that second. (Saving at every change costs it the square of what waits.) A real deployment uses a broker of its
own: `LINLI_BROKER_HOST`.
"""

import base64
import hashlib
import os
import secrets
import shutil
import sys
from enum import StrEnum
from pathlib import Path

from settings import Settings

LARGEST_PACKET = 16 * 1024 * 1024  # bytes; who sends more is disconnected
HASH_ROUNDS = 101  # Mosquitto's own default; the password has 192 random bits, rounds add nothing to it


class Kind(StrEnum):
    MOSQUITTO = "mosquitto"
    AMQTT = "amqtt"


class NoBroker(RuntimeError):
    """The broker that was asked for cannot be had here; the message says why."""


def mosquitto_program() -> str | None:
    return shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def kind() -> Kind:
    given = os.environ.get("LINLI_BROKER", "")
    if not given:
        return Kind.MOSQUITTO if mosquitto_program() else Kind.AMQTT
    try:
        return Kind(given)
    except ValueError:
        raise NoBroker(f"LINLI_BROKER 只能是 amqtt 或 mosquitto，现在是 {given!r}") from None


def folder(settings: Settings) -> Path:
    """Where the broker keeps its configuration and what it must remember."""
    return settings.home / "broker"


def prepare(settings: Settings) -> None:
    """Write the broker's files anew from the settings; what it remembers stays."""
    folder(settings).mkdir(parents=True, exist_ok=True, mode=0o700)
    if kind() is Kind.MOSQUITTO:
        _write(folder(settings) / "users", _mosquitto_user(settings.broker_username, settings.broker_password))
        _write(folder(settings) / "mosquitto.conf", mosquitto_conf(settings))


def command(settings: Settings) -> list[str]:
    """What starts the broker in the foreground (its environment must name the home)."""
    if kind() is Kind.AMQTT:
        return [sys.executable, "-m", "adapters.mqtt.embedded"]
    program = mosquitto_program()
    if program is None:
        raise NoBroker("LINLI_BROKER=mosquitto，但本机没有 mosquitto")
    return [program, "-c", str(folder(settings) / "mosquitto.conf")]


def mosquitto_conf(settings: Settings) -> str:
    """Everything goes to the connected listener at once, which alone decides its pace; queues are long, for an alarm is
    never dropped silently.
    """
    lines = [
        f"listener {settings.broker_port} 127.0.0.1",
        "allow_anonymous false",
        f"password_file {folder(settings) / 'users'}",
        "persistence true",
        f"persistence_location {folder(settings)}/",
        "autosave_interval 1",
        "max_inflight_messages 20000",
        "max_queued_messages 1000000",
        f"max_packet_size {LARGEST_PACKET}",
        "log_dest stderr",
        "log_type error",
        "log_type warning",
        "log_type notice",
        "connection_messages false",
    ]
    if os.geteuid() == 0:
        lines.append("user root")  # its files lie in our home, which is ours alone
    return "\n".join(lines) + "\n"


def _mosquitto_user(name: str, password: str) -> str:
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, HASH_ROUNDS)
    return f"{name}:$7${HASH_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}\n"


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
