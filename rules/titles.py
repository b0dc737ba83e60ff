"""Title and text of a case, written by its ruleset's template in a sandbox.

The template has two blocks, `title` and `text`. It knows `ruleset` (title), `rule` and `matter` (ids), `category`
(label), `place` (in words), `at` and `since` (local time), `facts` (by name) and each signal by its name
(`ebike.confidence`).
What was not said is empty. Filters: `local` for times, `masked` for what a person wrote, `round`, `int`, `default`,
`upper`, `lower`, `trim`. It can ask and choose, and nothing that takes long or grows: no loops, calls, names of its
own, includes, macros, no multiplication or formatting of texts.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from jinja2 import ChainableUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

_NUMBER = re.compile(r"\d(?:[ -]?\d){6,}[\dXx]?")
LONGEST_TITLE = 80
LONGEST_TEXT = 2000
LONGEST_TEMPLATE = 16 * 1024
MOST_NODES = 2000
BLOCKS = frozenset({"title", "text"})
PLAIN = frozenset({"ruleset", "rule", "matter", "category", "place", "at", "since"})
FILTERS = frozenset({"local", "masked", "round", "int", "default", "upper", "lower", "trim"})
TESTS = frozenset({"defined", "undefined"})
_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Block, nodes.If, nodes.CondExpr),
    *(nodes.Name, nodes.Const, nodes.Getattr, nodes.Filter, nodes.Test, nodes.Keyword),
    *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.List, nodes.Tuple),
    *(nodes.Add, nodes.Sub, nodes.Div, nodes.Neg, nodes.Pos, nodes.Concat),
)
_SPOKEN = {
    nodes.For: "循环",
    nodes.Assign: "set",
    nodes.AssignBlock: "set",
    nodes.Call: "调用",
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "import",
    nodes.Macro: "宏",
    nodes.Extends: "extends",
    nodes.Mul: "乘法",
    nodes.Mod: "%",
    nodes.Pow: "**",
    nodes.Getitem: "[...]，请用点",
}
Fault = tuple[int, str, str]  # line, name, reason


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
    """Raises jinja2.TemplateSyntaxError, with the line, where it is no template or asks for what is not allowed."""
    for line, name, reason in forbidden(text):
        raise TemplateSyntaxError(f"{name}: {reason}", line)
    try:
        return _ENVIRONMENT.from_string(text)
    except (RecursionError, SyntaxError, MemoryError):
        raise TemplateSyntaxError("嵌套太深", 1) from None


def render(template: Template, variables: Mapping[str, Any]) -> tuple[str, str]:
    """Title (one line) and text. A template that fails must not keep an alarm back: the ruleset's title stands in."""
    try:
        title, text = (_block(template, name, variables) for name in ("title", "text"))
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError):
        title, text = "", ""
    return " ".join(title.split())[:LONGEST_TITLE] or str(variables["ruleset"]), text.strip()[:LONGEST_TEXT]


def _block(template: Template, name: str, variables: Mapping[str, Any]) -> str:
    """Its beginning: more than a text may have is not even made."""
    found, length = [], 0
    for part in template.blocks[name](template.new_context(dict(variables))):
        found.append(part)
        length += len(part)
        if length > LONGEST_TEMPLATE:
            break
    return "".join(found)


def forbidden(text: str) -> Iterator[Fault]:
    """What the template asks for that no template may; raises jinja2.TemplateSyntaxError where it is none."""
    if len(text) > LONGEST_TEMPLATE:
        yield 1, "-", f"超过 {LONGEST_TEMPLATE // 1024} KB"
        return
    for count, node in enumerate(_nodes(_parsed(text))):
        if count > MOST_NODES:
            yield node.lineno, "-", "一份模板里的内容太多"
            return
        if not isinstance(node, _ALLOWED):
            yield node.lineno, type(node).__name__, f"模板里不能用{_spoken(node)}"
        elif isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            yield node.lineno, node.attr, "模板里不能用以 _ 开头的名字"
        elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
            yield node.lineno, node.name, f"没有这个过滤器，可以用：{'、'.join(sorted(FILTERS))}"
        elif isinstance(node, nodes.Test) and node.name not in TESTS:
            yield node.lineno, node.name, f"没有这个判断，可以用：{'、'.join(sorted(TESTS))}"


def unknown(text: str, known: Mapping[str, frozenset[str]]) -> Iterator[Fault]:
    """What an allowed template asks for and cannot get.

    `known` gives the attributes of each name that has some (`facts`, the signals).
    """
    tree = _parsed(text)
    for missing in sorted(BLOCKS - {block.name for block in tree.find_all(nodes.Block)}):
        yield 1, missing, "缺少这个 block"
    for name in tree.find_all(nodes.Name):
        if name.name not in PLAIN | known.keys():
            yield name.lineno, name.name, "模板里没有这个变量"
    for asked in tree.find_all(nodes.Getattr):
        base = asked.node
        if isinstance(base, nodes.Name) and base.name in known and asked.attr not in known[base.name]:
            yield asked.lineno, f"{base.name}.{asked.attr}", "模板里没有这个变量"


def _parsed(text: str) -> nodes.Template:
    try:
        return _ENVIRONMENT.parse(text)
    except RecursionError:
        raise TemplateSyntaxError("嵌套太深", 1) from None


def _nodes(tree: nodes.Node) -> Iterator[nodes.Node]:
    """Every node, without recursion."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.iter_child_nodes())


def _spoken(node: nodes.Node) -> str:
    return _SPOKEN.get(type(node), type(node).__name__.lower())
