"""Which adapters there are: every folder here with a `manifest.yaml`."""

from functools import cache
from pathlib import Path

import yaml
from paho.mqtt.client import topic_matches_sub
from pydantic import BaseModel, ConfigDict

HERE = Path(__file__).parent


class Manifest(BaseModel):
    """What an adapter connects, in words for people; `topics` are MQTT filters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    label: str
    protocol: str
    topics: tuple[str, ...]
    identity: str
    device: str
    time: str
    meaning: str
    standard: str = ""


@cache
def manifests() -> dict[str, Manifest]:
    """Every adapter by its name, which is its folder's."""
    found = (Manifest.model_validate(yaml.safe_load(path.read_text("utf-8"))) for path in HERE.glob("*/manifest.yaml"))
    return {manifest.name: manifest for manifest in sorted(found, key=lambda manifest: manifest.name)}


def adapter_for_topic(topic: str) -> str | None:
    """The adapter that reads messages of `topic`; None where there is none."""
    for manifest in manifests().values():
        if any(topic_matches_sub(pattern, topic) for pattern in manifest.topics):
            return manifest.name
    return None
