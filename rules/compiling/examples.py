"""What a ruleset's own tests say: a misspelt signal or field would say nothing."""

from collections.abc import Iterator
from datetime import date, timedelta

from rules.compiling.sheet import Sheet
from rules.conditions import TYPE_WORDS, of_type
from rules.problems import nearest, quoted
from rules.reading import Path
from rules.schema import CorrelateForm, FeedItem, RepeatForm

MOST_FED = 20_000  # signals; an author waits for the tests
LONGEST = timedelta(days=3660)
FIRST_YEAR, LAST_YEAR = 2000, 2100


def check_examples(sheet: Sheet) -> None:
    """Complains of signals and fields that the ruleset does not have, and of days that no calendar has."""
    fed = 0
    for index, example in enumerate(sheet.form.tests):
        path: Path = ("tests", index)
        fed += _count(example.feed)
        if fed > MOST_FED:
            sheet.complain((*path, "feed"), f"全部测试的信息超过 {MOST_FED} 条", "减少重复次数")
            return
        try:
            if not FIRST_YEAR <= date.fromisoformat(example.date).year <= LAST_YEAR:
                sheet.complain((*path, "date"), f"应在 {FIRST_YEAR} 年到 {LAST_YEAR} 年之间")
        except ValueError:
            sheet.complain((*path, "date"), "没有这一天", "写成 2026-03-02 这样的日期")
        if _length(example.feed) > LONGEST:
            sheet.complain((*path, "feed"), f"超过 {LONGEST.days} 天", "减少重复次数，或缩短间隔")
        category = example.expect.category
        if category is not None and category not in sheet.catalogue:
            reason, fix = f"没有“{category}”这个类别", nearest(category, sheet.catalogue)
            sheet.complain((*path, "expect", "category"), reason, fix, "unknown-name")
        _feed(sheet, (*path, "feed"), example.feed)


def _length(feed: tuple[FeedItem | RepeatForm, ...] | RepeatForm) -> timedelta:
    """From its start to the last thing fed."""
    parts = (feed,) if isinstance(feed, RepeatForm) else feed
    ends = (
        part.at + ((part.repeat - 1) * part.every + _length(part.of) if isinstance(part, RepeatForm) else timedelta(0))
        for part in parts
    )
    return max(ends, default=timedelta(0))


def _count(feed: tuple[FeedItem | RepeatForm, ...] | RepeatForm) -> int:
    parts = (feed,) if isinstance(feed, RepeatForm) else feed
    return sum(part.repeat * _count(part.of) if isinstance(part, RepeatForm) else 1 for part in parts)


def _feed(sheet: Sheet, path: Path, feed: tuple[FeedItem | RepeatForm, ...] | RepeatForm) -> None:
    if isinstance(feed, RepeatForm):
        _feed(sheet, (*path, "of"), feed.of)
        return
    for index, part in enumerate(feed):
        if isinstance(part, RepeatForm):
            _feed(sheet, (*path, index), part)
        else:
            _item(sheet, (*path, index), part)


def _item(sheet: Sheet, path: Path, item: FeedItem) -> None:
    spoken = item.model_extra or {}
    meanwhile = [word for word in ("opened", "closed") if getattr(item, word) is not None]
    if len(told := [*meanwhile, *spoken]) > 1:
        sheet.complain(path, f"一行只能写一件事，这里写了 {'、'.join(told)}", "拆成 at 相同的几行")
    _meanwhile(sheet, path, item)
    for signal, fields in spoken.items():
        if signal not in sheet.form.signals:
            fix = nearest(signal, [*sheet.form.signals, *FeedItem.model_fields])
            sheet.complain((*path, signal), f"没有“{signal}”这种信息", fix, "unknown-name")
            continue
        declared = sheet.form.signals[signal]
        types = {ref.partition(".")[2]: kind for ref, kind in sheet.field_types.items() if ref.startswith(f"{signal}.")}
        sayable = {name: kind for name, kind in types.items() if name not in declared.derive}
        for name, value in fields.items():
            if name not in sayable:
                here = (*path, signal, name)
                sheet.complain(here, f"没有“{name}”这个字段", nearest(name, sayable), "unknown-name")
            elif not of_type(value, sayable[name]):
                sheet.complain((*path, signal, name), f"{quoted(value)}不是{TYPE_WORDS[sayable[name]]}")


def _meanwhile(sheet: Sheet, path: Path, item: FeedItem) -> None:
    """Complains of a case that nothing in the ruleset heeds."""
    others = {one.with_.partition("/")[0] for one in _correlated(sheet)}
    own = sheet.form.ruleset
    for word, of, known in (("opened", item.opened, others - {own}), ("closed", item.closed, others | {own})):
        named = (of or "").partition("/")[0]
        if named == own and word == "opened":
            sheet.complain((*path, word), "自己的案由信息立，不用写", "让设备说一句能立案的话")
        elif of is not None and named not in known:
            sheet.complain((*path, word), f"没有哪条规则理会“{named}”的案", nearest(named, known), "unknown-name")


def _correlated(sheet: Sheet) -> Iterator[CorrelateForm]:
    form = sheet.form
    for each in (form.case, *(rule.then for rule in form.written_rules if not isinstance(rule.then, str))):
        yield from each.correlate or ()
