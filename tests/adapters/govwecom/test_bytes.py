"""Cut by bytes, never through a character."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.govwecom.bytes import MORE, cut


@given(st.text(max_size=300), st.integers(0, 600))
def test_what_is_cut_fits_and_is_the_beginning_of_what_was_said(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert len(short.encode()) <= max(limit, 0)
    assert "\ufffd" not in short or "\ufffd" in text
    if short != text:
        assert text.startswith(short.removesuffix(MORE))
        assert len(text.encode()) > limit


@given(st.text(alphabet="电瓶车🛵é", min_size=1, max_size=60))
def test_no_room_is_wasted(text: str) -> None:
    limit = 40
    if len(text.encode()) > limit:
        assert len(cut(text, limit).encode()) > limit - 4


def test_what_fits_is_left_alone() -> None:
    assert cut("电瓶车", 9) == "电瓶车"
    assert cut("电瓶车堵门", 9) == "电瓶…"
