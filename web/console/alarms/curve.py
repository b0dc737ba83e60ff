"""A device's readings as a line that a page can draw by itself."""

from dataclasses import dataclass

from store.beside import Curve
from web.reader import Reader

WIDE, HIGH = 600, 160


@dataclass(frozen=True)
class Drawn:
    """`points` in a picture of WIDE x HIGH; `words` say the same without looking."""

    points: str
    metric: str
    lowest: str
    highest: str
    last: str
    begins: str
    ends: str
    wide: int = WIDE
    high: int = HIGH


def drawn(curve: Curve, reader: Reader) -> Drawn:
    begin, end = curve.readings[0][0], curve.readings[-1][0]
    values = [value for _, value in curve.readings]
    low, high = min(values), max(values)
    long = (end - begin).total_seconds() or 1.0
    tall = (high - low) or 1.0
    points = (
        f"{(at - begin).total_seconds() / long * WIDE:.1f},{HIGH - (value - low) / tall * HIGH:.1f}"
        for at, value in curve.readings
    )

    def said(value: float) -> str:
        return f"{value:g} {curve.unit}".strip()

    return Drawn(
        points=" ".join(points),
        metric=curve.metric,
        lowest=said(low),
        highest=said(high),
        last=said(values[-1]),
        begins=reader.moment(begin),
        ends=reader.moment(end),
    )
