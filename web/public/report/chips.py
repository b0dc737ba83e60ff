"""What is reported most, as one tap: the category it hints at, its short name, and the sentence it writes."""

from dataclasses import dataclass

from web.i18n import N_


@dataclass(frozen=True)
class Chip:
    code: str  # a category of the catalogue
    label: str
    sentence: str  # in the language of who reads it at the desk, and of the rulesets


CHIPS = (
    Chip("street-light", N_("灯不亮"), "楼道灯或路灯不亮，请来修。"),
    Chip("bin-overflow", N_("垃圾满了"), "垃圾桶满了，没有人来收。"),
    Chip("illegal-parking", N_("车挡了路"), "有人乱停车，挡住出口。"),
    Chip("noise-nuisance", N_("太吵了"), "这里太吵，影响休息。"),
    Chip("ebike-indoors", N_("电瓶车进楼"), "有人把电瓶车推进楼道或电梯。"),
    Chip("water-leak", N_("漏水了"), "这里漏水，请来修。"),
    Chip("lift-fault", N_("电梯坏了"), "电梯坏了，请来修。"),
    Chip("access-control-fault", N_("楼门坏了"), "单元门坏了，请来修。"),
    Chip("facility-damage", N_("路面栏杆坏了"), "路面、栏杆或座椅坏了，请来修。"),
)
CODES = tuple(chip.code for chip in CHIPS)
# What neighbours may know of: nothing that points at a person or a home.
OPEN_TO_ALL = (
    *CODES,
    *("lift-ebike", "door-left-open", "door-maintenance", "noise-night", "noise-construction", "fire-lane"),
    *("water-burst", "flooding", "power-outage", "fallen-tree", "greening-damage", "manhole-missing", "shared-bikes"),
    *("illegal-dumping", "cooking-fumes", "odour", "pests", "stickers"),
)
SHOWN = 5
BY_CODE = {chip.code: chip for chip in CHIPS}
PLACE_KINDS = {
    "home": N_("家里"),
    "stairs": N_("楼道"),
    "lift": N_("电梯"),
    "street": N_("路上"),
    "shop": N_("店铺"),
    "green": N_("绿地"),
    "parking": N_("停车处"),
}


def chips_by(frequency: list[str]) -> list[Chip]:
    """Five chips, what happens most here first."""
    first = [BY_CODE[code] for code in frequency if code in BY_CODE]
    return [*first, *(chip for chip in CHIPS if chip not in first)][:SHOWN]
