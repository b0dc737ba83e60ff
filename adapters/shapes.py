"""How messages lie in a payload: one by itself, or several devices' readings together."""

from collections.abc import Iterator
from typing import Any

from adapters.reading import Unfit


def messages_in(shape: str, payload: Any) -> Iterator[Any]:
    """The messages of a payload, each a JSON object; raises Unfit where there are none."""
    if shape == "by-device":
        return _by_device(payload)
    if not isinstance(payload, dict):
        raise Unfit("wrong-type", "", "应为一个 JSON 对象")
    return iter([payload])


def _by_device(payload: Any) -> Iterator[Any]:
    """`{device: readings}`, where readings are a list of `{ts, values}`, one such, or just the values.

    Some gateways send a list of such objects.
    """
    objects = payload if isinstance(payload, list) else [payload]
    if not objects or not all(isinstance(one, dict) and one for one in objects):
        raise Unfit("wrong-type", "", "应为以设备名为键的 JSON 对象")
    for one in objects:
        for device, readings in one.items():
            for reading in readings if isinstance(readings, list) and readings else [readings]:
                yield _reading(device, reading)


def _reading(device: str, reading: Any) -> dict[str, Any]:
    if not isinstance(reading, dict):
        return {"device": device, "values": {}}
    values = reading.get("values")
    if not isinstance(values, dict):
        values = {key: value for key, value in reading.items() if key != "ts"}
    return {"device": device, "ts": reading.get("ts"), "values": values}
