"""docs/lifecycle.md says what the code does."""

from docs.generate import PAGE, STANDING, codes_of_the_decider, page
from domain.lifecycle import Who
from web.refusals import SENTENCES


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m docs.generate"


def test_every_refusal_of_the_decider_has_its_sentence() -> None:
    codes = codes_of_the_decider()
    assert {"already-signed", "handler-cannot-inspect", "evidence-missing"} <= codes
    assert codes <= SENTENCES.keys()


def test_every_standing_is_described() -> None:
    assert STANDING.keys() == set(Who)
