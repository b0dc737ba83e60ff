"""The reader's language: Chinese is the source, other languages are catalogues in `locale/`."""

import io
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.core import negotiate_locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.requests import Request

SOURCE = "zh"
CATALOGUES = Path(__file__).parent / "locale"
COOKIE = "lang"


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "translate this later"
    """Mark a text for the catalogue; it is translated where it is shown."""
    return text


@cache
def languages() -> tuple[str, ...]:
    return (SOURCE, *sorted(folder.name for folder in CATALOGUES.iterdir() if folder.is_dir()))


def catalogue_of(language: str) -> Catalog:
    """Every message of the language: one file per part of the product."""
    whole = Catalog(locale=language)
    for path in sorted((CATALOGUES / language).glob("*.po")):
        with path.open("rb") as source:
            for message in read_po(source, locale=language):
                if message.id:
                    whole[message.id] = message
    return whole


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of `language`; the texts themselves where it is the source's."""
    if language == SOURCE:
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, catalogue_of(language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def language_of(request: Request) -> str:
    """What the reader chose (cookie), else what the browser asks for, else Chinese."""
    chosen = request.cookies.get(COOKIE)
    if chosen in languages():
        return chosen
    asked = [
        part.split(";")[0].strip().replace("-", "_") for part in request.headers.get("accept-language", "").split(",")
    ]
    return negotiate_locale(asked, languages(), aliases={"zh": SOURCE}) or _nearest(asked)


def _nearest(asked: list[str]) -> str:
    for language in asked:
        if language.split("_")[0].lower() in languages():
            return language.split("_")[0].lower()
    return SOURCE
