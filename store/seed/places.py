"""The demo's areas and devices, unfolded from `places.yaml`, `devices.yaml` and `single_devices.csv`."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from domain.places import Level, level_of

LIFT = "lift1"


class Area(NamedTuple):
    path: str
    label: str
    lat: float | None
    lon: float | None

    @property
    def level(self) -> Level:
        return level_of(self.path)


class Device(NamedTuple):
    adapter: str
    id: str
    kind: str
    label: str
    place: str
    tags: tuple[str, ...] = ()


def read_areas(path: Path) -> list[Area]:
    """Every area of the sub-district down to the lifts, parents first."""
    places = yaml.safe_load(path.read_text(encoding="utf-8"))
    district, sub_district = places["district"], places["sub_district"]
    top = f"/{district['code']}/"
    whole = f"{top}{sub_district['code']}/"
    areas = [Area(top, district["label"], None, None)]
    areas.append(Area(whole, sub_district["label"], sub_district["lat"], sub_district["lon"]))
    for committee in places["committees"]:
        of_committee = f"{whole}{committee['code']}/"
        first = committee["communities"][0]
        areas.append(Area(of_committee, committee["label"], first["lat"], first["lon"]))
        for community in committee["communities"]:
            areas.extend(_community(of_committee, community, places))
    return areas


def _community(committee: str, community: dict[str, Any], places: dict[str, Any]) -> Iterator[Area]:
    path, label = f"{committee}{community['code']}/", community["label"]
    yield Area(path, label, community["lat"], community["lon"])
    for place, number in enumerate(community["numbers"]):
        building, of_building = f"{path}b{place + 1:02}/", f"{label} {number} 号"
        lat, lon = _beside(community["lat"], community["lon"], places["building_step"], place)
        yield Area(building, of_building, lat, lon)
        for entrance in range(places["units_per_building"]):
            unit, of_unit = f"{building}u{entrance + 1}/", f"{of_building} {entrance + 1} 单元"
            at = _beside(lat, lon, places["unit_step"], entrance)
            yield Area(unit, of_unit, *at)
            yield Area(f"{unit}{LIFT}/", f"{of_unit}电梯", *at)


def _beside(lat: float, lon: float, step: dict[str, float], times: int) -> tuple[float, float]:
    return round(lat + step["lat"] * times, 6), round(lon + step["lon"] * times, 6)


def read_devices(path: Path, areas: list[Area]) -> list[Device]:
    """What hangs in every unit of every building."""
    kinds = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [_device(kind, area) for area in areas if area.level is Level.UNIT for kind in kinds]


def _device(kind: dict[str, str], unit: Area) -> Device:
    committee, community, building, entrance = unit.path.strip("/").split("/")[2:]
    codes = {"committee": committee, "community": community, "building": building, "unit": entrance}
    digits = f"{committee[1:]}{community[1:]}{int(building[1:])}{entrance[1:]}"
    place = f"{unit.path}{kind['spot']}/" if "spot" in kind else unit.path
    device_id = kind["id"].format(**codes, digits=digits)
    return Device(kind["adapter"], device_id, kind["kind"], kind["label"].format(label=unit.label), place)


def read_single_devices(path: Path, areas: list[Area]) -> tuple[list[Area], list[Device]]:
    """Devices that hang in one place only, each with the spot where it hangs: a flat, a cellar."""
    units = {area.path: area for area in areas}
    spots: list[Area] = []
    devices: list[Device] = []
    with path.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            unit = units[line["unit"]]
            spot = Area(f"{unit.path}{line['spot']}/", f"{unit.label}{line['spot_label']}", unit.lat, unit.lon)
            spots.append(spot)
            label = f"{spot.label}{line['label']}"
            tags = tuple(line["tags"].split())
            devices.append(Device(line["adapter"], line["id"], line["kind"], label, spot.path, tags))
    return spots, devices
