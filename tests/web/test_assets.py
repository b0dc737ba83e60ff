"""Styles and scripts are small on the way, for a slow phone."""

from browsing import Browser


async def test_a_style_comes_packed_to_whoever_can_unpack_it(anybody: Browser) -> None:
    packed = await anybody.get("/assets/linli.css", headers={"accept-encoding": "gzip"})
    plain = await anybody.get("/assets/linli.css", headers={"accept-encoding": "identity"})
    assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) * 3 < int(plain.headers["content-length"])


async def test_each_form_of_a_style_is_known_again(anybody: Browser) -> None:
    for form in ("gzip", "identity"):
        first = await anybody.get("/assets/linli.css", headers={"accept-encoding": form})
        again = {"accept-encoding": form, "if-none-match": first.headers["etag"]}
        assert (await anybody.get("/assets/linli.css", headers=again)).status_code == 304
