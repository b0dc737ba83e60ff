"""One place of a YAML text changed, the rest of it as its author wrote it: comments, order, line breaks.

Every change is read again afterwards; where the text would not say what was meant, the whole is written anew, which
loses the comments (`Spliced.kept` says so). What cannot be written down at all is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rules.problems import RulesetInvalid
from rules.reading import Path, read_yaml
from web.console.rulesets.editing import placing
from web.console.rulesets.editing.placing import NoSuchPlace
from web.console.rulesets.editing.writing import written


@dataclass(frozen=True)
class Spliced:
    """`kept`: the comments and the layout are as they were."""

    text: str
    kept: bool

    def then(self, after: "Spliced") -> "Spliced":
        """`after`, which was made of this text, with what was lost before."""
        return Spliced(after.text, self.kept and after.kept)


class Unwritable(ValueError):
    """With this value nobody could read the text any more: it is too long or too deep, or has a sign YAML refuses."""


def put(text: str, path: Path, value: Any) -> Spliced:
    """The value at `path` is `value`; a key that is not there is added."""
    return _checked(text, lambda whole: _put(whole, path, value), lambda: placing.put(text, path, value))


def remove(text: str, path: Path) -> Spliced:
    def apart(whole: Any) -> None:
        del _parent(whole, path)[path[-1]]

    return _checked(text, apart, lambda: placing.remove(text, path))


def append(text: str, path: Path, value: Any) -> Spliced:
    """One more at the end of the list at `path`."""

    def more(whole: Any) -> None:
        _at(whole, path).append(value)

    return _checked(text, more, lambda: placing.append(text, path, value))


def prepend(text: str, path: Path, value: Any) -> Spliced:
    """One more at the beginning of the list at `path`."""

    def before(whole: Any) -> None:
        _at(whole, path).insert(0, value)

    return _checked(text, before, lambda: placing.prepend(text, path, value))


def move(text: str, path: Path, by: int) -> Spliced:
    """The item at `path` changes places with the one `by` further; at the ends nothing moves."""
    index = path[-1]
    value = read_yaml(text, "").value
    items = _at(value, path[:-1])
    if not isinstance(index, int) or not isinstance(items, list):
        raise NoSuchPlace(path)
    other = index + by
    if not 0 <= other < len(items) or not 0 <= index < len(items):
        return Spliced(text, kept=True)

    def swapped(whole: Any) -> None:
        here = _at(whole, path[:-1])
        here[index], here[other] = here[other], here[index]

    return _checked(text, swapped, lambda: placing.swap(text, path[:-1], *sorted((index, other))))


def insert(text: str, before: str, key: str, value: Any) -> Spliced:
    """A word of the ruleset that is not there yet, above the word `before`."""
    return _checked(text, lambda whole: _put(whole, (key,), value), lambda: placing.insert(text, before, key, value))


def rename(text: str, path: Path, key: str) -> Spliced:
    """The key at `path` is called `key`, and stays where it is."""

    def renamed(whole: Any) -> None:
        parent = _parent(whole, path)
        parent[key] = parent.pop(path[-1])

    return _checked(text, renamed, lambda: placing.rename(text, path, key))


def wrap(text: str, path: Path, beside: dict[str, Any], key: str) -> Spliced:
    """The list at `path` lies under `key` of a mapping there, which says `beside` too."""

    def wrapped(whole: Any) -> None:
        _put(whole, path, {**beside, key: _at(whole, path)})

    return _checked(text, wrapped, lambda: placing.wrap(text, path, beside, key))


def unwrap(text: str, path: Path, key: str) -> Spliced:
    """The list under `key` stands at `path` itself; what else was said there goes."""
    others = [other for other in _at(read_yaml(text, "").value, path) if other != key]
    made = Spliced(text, kept=True)
    for other in others:
        made = made.then(remove(made.text, (*path, other)))
    alone = made.text

    def unwrapped(whole: Any) -> None:
        _put(whole, path, _at(whole, path)[key])

    return made.then(_checked(alone, unwrapped, lambda: placing.unwrap(alone, path, key)))


def _checked(text: str, change: Callable[[Any], None], splice: Callable[[], str]) -> Spliced:
    wanted = read_yaml(text, "").value
    try:
        change(wanted)
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise NoSuchPlace(str(error)) from None
    try:
        made = splice()
        if read_yaml(made, "").value == wanted:
            return Spliced(made, kept=True)
    except (RulesetInvalid, NoSuchPlace):
        pass
    return Spliced(_anew(wanted), kept=False)


def _anew(wanted: Any) -> str:
    made = written(wanted)
    try:
        read = read_yaml(made, "").value
    except RulesetInvalid as invalid:
        raise Unwritable(invalid.problems[0].reason) from None
    if read != wanted:
        raise Unwritable("-")
    return made


def _at(value: Any, path: Path) -> Any:
    for part in path:
        value = value[part]
    return value


def _parent(value: Any, path: Path) -> Any:
    return _at(value, path[:-1])


def _put(whole: Any, path: Path, value: Any) -> None:
    here = whole
    for part in path[:-1]:
        if isinstance(here, dict):
            here.setdefault(_name(part), {})
        here = here[part]
    here[_name(path[-1]) if isinstance(here, dict) else path[-1]] = value


def _name(part: str | int) -> str:
    """Raises NoSuchPlace for a number: no name of the language is one."""
    if not isinstance(part, str):
        raise NoSuchPlace(part)
    return part
