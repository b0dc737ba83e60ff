"""Labels of categories, from the catalogue that the rulesets use."""

from functools import cache

from rules.catalogue import Catalogue, Category, load_catalogue
from settings.model import RULESETS
from web.i18n import SOURCE


@cache
def _catalogue() -> Catalogue:
    return load_catalogue(RULESETS / "catalogue.csv")


def category_of(code: str) -> Category | None:
    """The category with its triple; None where the catalogue does not know it any more."""
    return _catalogue().get(code)


def category_label(code: str, language: str) -> str:
    found = category_of(code)
    if found is None:
        return code
    return found.label_zh if language == SOURCE else found.label_en
