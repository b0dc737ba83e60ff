"""Title and text of a case, written by its ruleset's template in a sandbox.

The template has two blocks, `title` and `text`. It knows `ruleset` (title), `rule` (id), `category` (label), `place`
(in words), `at` and `since` (local time), `facts` (by name) and each signal by its name (`ebike.confidence`).
What was not said is empty. Filters: `local` for times, `masked` for what a person wrote.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from jinja2 import ChainableUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

_NUMBER = re.compile(r"\d(?:[ -]?\d){6,}[\dXx]?")
LONGEST_TITLE = 80
LONGEST_TEXT = 2000
BLOCKS = frozenset({"title", "text"})
PLAIN = frozenset({"ruleset", "rule", "category", "place", "at", "since"})


def _local(moment: datetime, form: str = "%m月%d日 %H:%M") -> str:
    return moment.strftime(form)


def _masked(text: object) -> str:
    """What a resident wrote, with the middle of each telephone or identity number left out."""
    return _NUMBER.sub(lambda found: f"{found[0][:3]}****{found[0][-2:]}", str(text))


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=ChainableUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False, cache_size=0
    )
    environment.globals.clear()
    environment.filters["local"] = _local
    environment.filters["masked"] = _masked
    return environment


_ENVIRONMENT = _environment()


def read_template(text: str) -> Template:
    """Raises jinja2.TemplateSyntaxError, with the line, where it is no template."""
    return _ENVIRONMENT.from_string(text)


def render(template: Template, variables: Mapping[str, Any]) -> tuple[str, str]:
    """Title (one line) and text. A template that fails must not keep an alarm back: the ruleset's title stands in."""
    try:
        title, text = (_block(template, name, variables) for name in ("title", "text"))
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError):
        title, text = "", ""
    return " ".join(title.split())[:LONGEST_TITLE] or str(variables["ruleset"]), text.strip()[:LONGEST_TEXT]


def _block(template: Template, name: str, variables: Mapping[str, Any]) -> str:
    return "".join(template.blocks[name](template.new_context(dict(variables))))


def faults(text: str, known: Mapping[str, frozenset[str]]) -> Iterator[tuple[int, str, str]]:
    """Line, name and reason of what the template asks for and cannot get.

    `known` gives the attributes of each name that has some (`facts`, the signals).
    """
    tree = _ENVIRONMENT.parse(text)
    for missing in sorted(BLOCKS - {block.name for block in tree.find_all(nodes.Block)}):
        yield 1, missing, "block is missing"
    own = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"}
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name not in PLAIN | known.keys() | own:
            yield name.lineno, name.name, "unknown variable"
    for asked in tree.find_all(nodes.Getattr):
        base = asked.node
        if isinstance(base, nodes.Name) and base.name in known and asked.attr not in known[base.name]:
            yield asked.lineno, f"{base.name}.{asked.attr}", "unknown variable"
