"""docs/rulesets/words teaches every word of the language, and its examples do what they say."""

from typing import Any

import pytest
from examples import CATALOGUE, FENCE, codes_of
from pydantic import BaseModel

from docs import ruleset_words as index
from rules.conditions import WRITTEN
from rules.schema import RulesetForm

PAGES = sorted(path for path in index.PAGES.glob("*.md") if path != index.PAGE)


def forms(form: Any, known: set[type[BaseModel]]) -> set[type[BaseModel]]:
    """Every form that may stand in a ruleset."""
    for part in (form, *getattr(form, "__args__", ())):
        if isinstance(part, type) and issubclass(part, BaseModel) and part not in known:
            known.add(part)
            for field in part.model_fields.values():
                forms(field.annotation, known)
        elif part is not form:
            forms(part, known)
    return known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_bad_example_is_refused_and_the_good_one_is_clean(page: Any) -> None:
    bad, good = FENCE.findall(page.read_text(encoding="utf-8"))
    assert codes_of(*bad) - {"untested", "test-fails"}, "nothing is wrong with it"
    assert codes_of(*good) == set()


def test_every_word_of_the_form_has_its_page() -> None:
    written = {field.alias or name for form in forms(RulesetForm, set()) for name, field in form.model_fields.items()}
    assert written - index.words().keys() == set()
    assert set(WRITTEN) - index.words().keys() == set()
    assert CATALOGUE


def test_the_index_is_what_the_headings_say() -> None:
    assert index.PAGE.read_text(encoding="utf-8") == index.page(), "run: python -m docs.generate"
