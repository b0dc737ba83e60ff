"""`template.zh.j2`, checked against the names that the ruleset has."""

from jinja2 import Template, TemplateSyntaxError

from rules import titles
from rules.compiling.sheet import BUILT_IN, Sheet
from rules.problems import Problem, nearest

FILE = "template.zh.j2"


def template_of(sheet: Sheet, text: str) -> Template | None:
    names = {signal: frozenset(BUILT_IN | given.fields.keys()) for signal, given in sheet.form.signals.items()}
    names["facts"] = frozenset(sheet.form.facts)
    known = titles.PLAIN | names.keys() | {f"{base}.{name}" for base, of in names.items() for name in of}
    try:
        for line, name, reason in titles.faults(text, names):
            sheet.problems.append(Problem(FILE, line, name, reason, nearest(name, known), "template-variable"))
        return titles.read_template(text)
    except TemplateSyntaxError as error:
        sheet.problems.append(Problem(FILE, error.lineno, "-", f"not a template: {error.message}", "", "template"))
        return None
