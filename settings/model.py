"""What can be set, and where it is read from."""

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    JsonConfigSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

PROJECT = Path(__file__).resolve().parent.parent
RULESETS = PROJECT / "rulesets"  # the shipped ones, and the catalogue
STATE_FILE = "linli.json"
LOOPBACK = "127.0.0.1"
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared only
SOCKET_PATH_LIMIT = 100  # bytes; the system allows 104 to 108


class UnreadableState(ValueError):
    """The home's own file is not what we wrote; the message names it."""


def _web_address(given: dict[str, Any]) -> str:
    """Of the web process, as somebody on this machine reaches it."""
    host = given.get("web_host", LOOPBACK)
    return f"http://{LOOPBACK if host in EVERYWHERE else host}:{given.get('web_port', 0)}"


def _rulesets_of_home(given: dict[str, Any]) -> Path:
    return Path(given["home"]) / "rulesets"


def default_home() -> Path:
    return Path(os.environ.get("LINLI_HOME") or PROJECT / ".linli").resolve()


class Settings(BaseSettings):
    """Linli's settings; times are in UTC inside, `zone` is what people read."""

    model_config = SettingsConfigDict(env_prefix="LINLI_", extra="ignore", frozen=True)

    home: Path
    rulesets_folder: Path = Field(default_factory=_rulesets_of_home)  # rulesets copied in by hand
    database_url: str = ""  # of linli_app; owner below
    owner_database_url: str = ""
    postgres_port: int = 0  # of the embedded server
    postgres_password: str = ""  # of its superuser `postgres`
    temporal_address: str = ""  # also from TEMPORAL_ADDRESS, the name that Temporal's own tools read
    temporal_port: int = 0  # of the development server that `linli up` starts
    temporal_ui_port: int = 0
    temporal_namespace: str = "default"
    broker_host: str = "127.0.0.1"
    broker_port: int = 0
    broker_username: str = "linli"
    broker_password: str = ""
    web_host: str = "127.0.0.1"
    web_port: int = 0
    payload_key: str = ""  # base64 of 32 bytes: Temporal payloads are sealed with it
    payload_key_id: str = "k1"
    contact_key: str = ""  # base64 of 32 bytes: phones are sealed with it
    public_url: str = Field(default_factory=_web_address)  # what links in messages begin with
    wecom_host: str = ""  # of government WeChat; empty: there is none
    wecom_port: int = 443
    wecom_tls: bool = True
    wecom_base: str = ""  # path before /cgi-bin, as private deployments have one
    wecom_corp: str = ""
    wecom_secret: str = ""
    wecom_agent: int = 0
    wecom_card: Literal["textcard", "template_card", "text"] = "textcard"
    wecom_token_seconds: int = 7200  # of the demo's stand-in only
    sms_url: str = ""  # where texts are handed over (adapters/govwecom/README.md, Hooks); empty: no SMS
    voice_url: str = ""  # and calls
    hook_secret: str = ""  # base64: signs what goes to both, as Standard Webhooks do
    zone_name: str = "Asia/Shanghai"
    sub_district_code: str = "KJ"
    clock_rate: float = 1.0
    demo: bool = Field(default_factory=lambda: "LINLI_DATABASE_URL" not in os.environ)  # its organisation and accounts
    failpoint: str = ""
    engine_crashes_on: str = ""  # a failpoint: the hash, or its beginning, of a version that the engine dies of

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)

    @property
    def run_folder(self) -> Path:
        return self.home / "run"

    @property
    def log_folder(self) -> Path:
        return self.home / "log"

    @property
    def engine_socket(self) -> Path:
        return self.socket("engine")

    def ready_file(self, name: str) -> Path:
        return self.run_folder / f"{name}.ready"

    def socket(self, name: str) -> Path:
        """A Unix socket of this home; in the temporary folder where the home's own path is too long for one."""
        path = self.run_folder / f"{name}.sock"
        if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
            return path
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"linli-{os.getuid()}-{digest}" / path.name

    @property
    def evidence_folder(self) -> Path:
        return self.home / "evidence"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings
        home = Path(init_settings()["home"])
        state = JsonConfigSettingsSource(settings_cls, json_file=home / STATE_FILE)
        return init_settings, env_settings, state, file_secret_settings


def load(home: Path | None = None, **given: Any) -> Settings:
    if (address := os.environ.get("TEMPORAL_ADDRESS")) and "LINLI_TEMPORAL_ADDRESS" not in os.environ:
        given.setdefault("temporal_address", address)
    home = home or default_home()
    try:
        return Settings(home=home, **given)
    except json.JSONDecodeError as error:
        raise UnreadableState(f"{home / STATE_FILE} 不是 JSON：{error}") from error
