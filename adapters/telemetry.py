"""The other readings of a message: each is a measurement, unless it may be an alarm that nobody mapped."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from adapters.mapping_file import Mapping, Telemetry
from adapters.reading import Unfit, as_number, find, is_storable
from domain.signals import FieldValue

DEEPEST = 4  # objects within objects that are followed
STATES = {"true", "false"}


class Other(NamedTuple):
    """A reading by its name: as it was said, and as a number where it is one."""

    metric: str
    said: FieldValue
    value: float | None


def others(mapping: Mapping, message: Any, *, claimed: bool) -> tuple[tuple[Other, ...], tuple[Unfit, ...]]:
    """The readings that no signal of the mapping took, and the refusal of those that must not be guessed.

    `claimed`: the message holds the signal these could stand for, so that they are none.
    """
    telemetry = mapping.telemetry
    if telemetry is None:
        return (), ()
    mapped = {path for value in mapping.fields.values() for path in value.path}
    readings: list[Other] = []
    doubtful: list[str] = []
    holder = find(message, telemetry.of)
    if holder is not None and not isinstance(holder, dict):
        return (), (Unfit("wrong-type", telemetry.of, "应为对象"),)
    for name, said in _flat(holder, "", DEEPEST):
        if f"{telemetry.of}.{name}" in mapped:
            if said is None and not claimed:
                doubtful.append(name)
        elif not claimed and may_be_the_alarm(telemetry, name, said):
            doubtful.append(name)
        elif (other := _other(name, said)) is not None:
            readings.append(other)
    if not doubtful:
        return tuple(readings), ()
    detail = f"空的，或映射里没有：{'、'.join(name for name in doubtful if is_storable(name))}"
    return tuple(readings), (Unfit("missing-field", mapping.fields[telemetry.stands_for].called, detail),)


def may_be_the_alarm(telemetry: Telemetry, name: str, said: FieldValue | None) -> bool:
    if said is None or name in telemetry.known:
        return False
    is_state = isinstance(said, bool) or (isinstance(said, str) and said.strip().lower() in STATES)
    sounds_so = telemetry.suspicious.search(name) or (isinstance(said, str) and telemetry.suspicious.search(said))
    return bool(is_state or sounds_so)


def _flat(found: Any, prefix: str, depth: int) -> Iterator[tuple[str, FieldValue | None]]:
    """Values of an object and of the objects in it, by dotted names; lists say nothing."""
    if not isinstance(found, dict) or depth == 0:
        return
    for name, value in found.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.", depth - 1)
        elif value is None or isinstance(value, bool | int | float | str):
            yield f"{prefix}{name}", value


def _other(name: str, said: FieldValue | None) -> Other | None:
    if not is_storable(name):
        return None
    if isinstance(said, bool):
        return Other(name, said, float(said))
    number = as_number(said)
    if number is not None:
        return Other(name, number, float(number))
    if isinstance(said, str) and is_storable(said):
        return Other(name, said, None)
    return None
