"""`template.zh.j2`, checked against the names that the ruleset has."""

from jinja2 import Template, TemplateSyntaxError

from rules import titles
from rules.compiling.sheet import BUILT_IN, Sheet
from rules.problems import Problem, nearest

FILE = "template.zh.j2"


def template_of(sheet: Sheet, text: str) -> Template | None:
    names = {s: frozenset([*BUILT_IN, *given.fields, *given.derive]) for s, given in sheet.form.signals.items()}
    names["hours"] = frozenset(sheet.form.hours)
    names["facts"] = frozenset([*sheet.form.facts, *sheet.form.perceive])
    known = titles.PLAIN | names.keys() | {f"{base}.{name}" for base, of in names.items() for name in of}
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        sheet.problems.append(Problem(FILE, line, "-", "有一个不能用的字符 U+0000", "删掉它", "template"))
        return None
    try:
        if forbidden := tuple(titles.forbidden(text)):
            sheet.problems += [Problem(FILE, line, name, reason, "", "template") for line, name, reason in forbidden]
            return None
        for line, name, reason in titles.unknown(text, names):
            sheet.problems.append(Problem(FILE, line, name, reason, nearest(name, known), "template-variable"))
        return titles.read_template(text)
    except TemplateSyntaxError as error:
        sheet.problems.append(Problem(FILE, error.lineno, "-", f"模板的写法不对：{error.message}", "", "template"))
        return None
