"""The page of each code: its bad example has exactly that fault, its good one none."""

import pytest
from examples import FENCE, codes_of
from examples import LINT_PAGES as PAGES

from docs import lint_codes as index
from rules.lint.codes import CODES


def test_the_base_of_the_examples_is_clean() -> None:
    assert codes_of("yaml", "") == set()


@pytest.mark.parametrize("code", CODES)
def test_a_codes_page_says_what_the_table_says(code: str) -> None:
    page = (PAGES / f"{code}.md").read_text()
    assert page.startswith(f"# {code}：{CODES[code].title}\n\n{CODES[code].why}\n")


@pytest.mark.parametrize("code", CODES)
def test_a_bad_example_has_that_fault_and_the_good_one_none(code: str) -> None:
    bad, good = FENCE.findall((PAGES / f"{code}.md").read_text())
    assert codes_of(*bad) == {code}
    assert codes_of(*good) == set()


def test_every_page_is_of_a_code_there_is() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} == CODES.keys() | {"README"}


def test_the_index_is_what_the_table_of_codes_says() -> None:
    assert index.PAGE.read_text(encoding="utf-8") == index.page(), "run: python -m docs.generate"
