"""The language of `mapping.yaml`: how the JSON of one kind of source says what a signal needs."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from adapters.manifests import HERE
from domain.signals import FieldValue, Kind, Phase, TimeOrigin

FOLDER = "mappings"  # in $LINLI_HOME: what lies here counts instead of the shipped files


def _list_of_paths(given: object) -> object:
    return [given] if isinstance(given, str) else given


Paths = Annotated[tuple[str, ...], BeforeValidator(_list_of_paths), Field(min_length=1)]


class BadMapping(ValueError):
    """The mapping file cannot be used; the message names the place and the reason."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Value(_Frozen):
    """One value: where it lies (the first path that is there), and as what it is read."""

    path: Paths
    type: Literal["text", "number", "boolean"] = "text"
    contains: str | None = None  # a list that holds this word: true or false
    words: dict[str, FieldValue] = {}  # what a device says → what it means; letter case does not count
    scale: float = 1.0  # numbers are multiplied by it
    lower: bool = False  # text in small letters

    @property
    def called(self) -> str:
        """How a refusal names it: as the shipped file calls it first."""
        return self.path[0]


class When(_Frozen):
    """The field is there, and (where given) its value is one of these."""

    field: str
    among: tuple[FieldValue, ...] | None = Field(None, alias="in")


class Moment(_Frozen):
    path: str
    only: Phase | None = None  # counts in this phase only


class Said(_Frozen):
    """One signal a message may hold."""

    type: str
    kind: Kind
    when: When | None = None
    fields: tuple[str, ...]
    confidence: str | None = None  # the field that is it


class Telemetry(_Frozen):
    """All other readings under the path `of`: each is a measurement of its own.

    A yes or no, or what looks like the alarm (`suspicious`), is refused as a missing `stands_for` unless `known`.
    """

    of: str
    type: str = "device.telemetry"
    known: frozenset[str] = frozenset()
    suspicious: re.Pattern[str]
    stands_for: str


class ReadyMade(_Frozen):
    """The message is a signal already: its type, and the path of its fields, each a plain value; the phase may lack."""

    type: Value
    fields: str
    kind: Kind = Kind.STATE
    confidence: str = "confidence"  # the field that is it, where there is one


class Mapping(_Frozen):
    shape: Literal["one", "by-device"] = "one"
    device: Value
    message: tuple[tuple[str, ...], ...]  # the first of these groups that is complete makes one message
    time: tuple[Moment, ...]
    time_origin: TimeOrigin
    phase: Value | None = None
    fields: dict[str, Value] = {}
    signals: tuple[Said, ...] = ()  # the first whose `when` holds
    ready_made: ReadyMade | None = None
    telemetry: Telemetry | None = None
    sign_of_life: str | None = None  # type of the signal that a message without any reading is

    @model_validator(mode="after")
    def _names_its_fields(self) -> "Mapping":
        unknown = sorted(set(self._named_fields()) - self.fields.keys())
        if unknown:
            raise ValueError(f"signals name fields that are not under `fields`: {', '.join(unknown)}")
        return self

    @model_validator(mode="after")
    def _says_something(self) -> "Mapping":
        if bool(self.signals) == (self.ready_made is not None):
            raise ValueError("expected either signals or ready_made")
        return self

    @model_validator(mode="after")
    def _phases_exist(self) -> "Mapping":
        for meaning in self.phase.words.values() if self.phase else ():
            Phase(str(meaning))
        return self

    def _named_fields(self) -> Iterator[str]:
        for said in self.signals:
            yield from said.fields
            if said.confidence is not None:
                yield said.confidence
            if said.when is not None:
                yield said.when.field
        if self.telemetry is not None:
            yield self.telemetry.stands_for


def in_force(adapter: str, home: Path) -> Path:
    """The file that counts: the mended one in `home`, else the shipped one."""
    mended = home / FOLDER / f"{adapter}.yaml"
    return mended if mended.is_file() else HERE / adapter / "mapping.yaml"


def load(path: Path) -> Mapping:
    """Read a mapping; again only when the file changed. Raises BadMapping."""
    try:
        state = path.stat()
        version = (state.st_mtime_ns, state.st_size, state.st_ino)
        known = _loaded.get(path)
        if known is None or known[0] != version:
            known = _loaded[path] = (version, parse(path.read_text("utf-8")))
    except OSError as error:
        raise BadMapping(f"读不了：{error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadMapping("不是 UTF-8 文本") from error
    return known[1]


_loaded: dict[Path, tuple[tuple[int, int, int], Mapping]] = {}


def parse(text: str) -> Mapping:
    """The mapping that `text` (YAML) says; raises BadMapping."""
    try:
        return Mapping.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BadMapping(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise BadMapping(f"不是 YAML：{' '.join(str(error).split())}") from error
