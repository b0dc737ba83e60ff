"""What a person finds on patrol, as a matter: by category who does the work, how soon, and that the desk decides."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from pydantic import JsonValue, ValidationError

from domain.canonical import canonical_json
from domain.matters import Closing, Filing, Matter, Policy, Priority, Tier, Why
from rules.catalogue import Catalogue, Category, load_catalogue
from rules.durations import Duration
from rules.faults import schema_faults
from rules.policy import faults, policy_of
from rules.problems import RulesetInvalid, nearest
from rules.reading import read_yaml
from rules.schema import CaseForm, Form, Id, RungForm, SlaForm, UnitKind

FOLDER, FILE, CATALOGUE = "grid-patrol-finding", "categories.yaml", "catalogue.csv"


class KindForm(Form):
    handler: UnitKind
    tier: Tier
    priority: Priority
    sign: Duration


class FindingsForm(Form):
    ruleset: Id
    title: str
    lead: UnitKind
    escalate: tuple[RungForm, ...]
    categories: dict[Id, KindForm]


@dataclass(frozen=True)
class Kind:
    """One kind of finding: its category, and what a case of it keeps to."""

    category: Category
    handler: str
    tier: Tier
    priority: Priority
    policy: Policy


@dataclass(frozen=True)
class Findings:
    """What can be found on patrol, by category code, in the file's order; `hash` is of what the file says."""

    ruleset: str
    title: str
    lead: str
    hash: str
    kinds: Mapping[str, Kind]

    def matter(
        self, code: str, place: str, place_label: str, note: str, *, key: UUID, facts: dict[str, JsonValue]
    ) -> Matter:
        """The matter that is known by `key`; raises KeyError for a category that is not found on patrol."""
        kind = self.kinds[code]
        return Matter(
            ruleset=self.ruleset,
            dedupe_key=f"{self.ruleset}/main/{key}",
            title=f"{place_label}{kind.category.label_zh}",
            text=note or f"{self.title}：{kind.category.filing}",
            category=code,
            priority=kind.priority,
            tier=kind.tier,
            place=place,
            lead=self.lead,
            handler=kind.handler,
            policy=kind.policy,
            why=Why(ruleset=self.ruleset, hash=self.hash, rule=code, facts=facts),
        )


def load_findings(rulesets: Path) -> Findings:
    """What the folder `grid-patrol-finding` says, with the catalogue beside it; raises RulesetInvalid."""
    text = (rulesets / FOLDER / FILE).read_text(encoding="utf-8")
    return read_findings(text, load_catalogue(rulesets / CATALOGUE))


def read_findings(text: str, catalogue: Catalogue) -> Findings:
    document = read_yaml(text, f"{FOLDER}/{FILE}")
    try:
        form = FindingsForm.model_validate_json(json.dumps(document.value))
    except ValidationError as error:
        raise RulesetInvalid(schema_faults(document, error, FindingsForm)) from None
    kinds: dict[str, Kind] = {}
    problems = []
    for code, given in form.categories.items():
        category = catalogue.get(code)
        if category is None:
            problems.append(document.problem(("categories", code), f"没有“{code}”这个类别", nearest(code, catalogue)))
            continue
        case = _case(form, given, category)
        found = [
            document.problem(("categories", code), f"{field}：{why}", fix) for field, why, fix in faults(case, category)
        ]
        problems += found
        if not found:
            kinds[code] = Kind(category, given.handler, given.tier, given.priority, policy_of(case, category))
    if problems:
        raise RulesetInvalid(problems)
    digest = sha256(canonical_json(document.value).encode()).hexdigest()
    return Findings(form.ruleset, form.title, form.lead, digest, kinds)


def _case(form: FindingsForm, given: KindForm, category: Category) -> CaseForm:
    return CaseForm(
        sla=SlaForm.model_construct(overall=None, sign=given.sign, handle=None, inspect=None),
        escalate=form.escalate,
        close=Closing.WHEN_INSPECTED if category.close_by_rule else Closing.MANUAL,
        outcomes=("solved", "explained"),
        filing=Filing.AT_DESK,
    )
