"""Photos: what is kept of them, and what is refused."""

import io
import struct
import zlib

import pytest
from PIL import Image

from store.evidence import LONGEST_SIDE, PhotoRefused, developed


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def test_a_photo_is_kept_upright_small_enough_and_without_exif() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned
    exif[0x010F] = "Maker\x00"
    photo = developed(encoded(Image.new("RGB", (4000, 1000)), exif=exif.tobytes()))
    assert (photo.width, photo.height) == (LONGEST_SIDE // 4, LONGEST_SIDE)
    assert photo.exif["Make"] == "Maker"
    with Image.open(io.BytesIO(photo.data)) as kept:
        assert (kept.format, dict(kept.getexif())) == ("JPEG", {})


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_formats_become_jpeg(kind: str) -> None:
    photo = developed(encoded(Image.new("RGBA", (20, 20)), kind))
    assert photo.data.startswith(b"\xff\xd8")


@pytest.mark.parametrize("raw", [b"", b"hello", b"\xff\xd8\xff", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_what_is_no_photo_is_unreadable(raw: bytes) -> None:
    with pytest.raises(PhotoRefused) as refused:
        developed(raw)
    assert refused.value.code == "photo-unreadable"


def test_half_a_photo_is_unreadable() -> None:
    whole = encoded(Image.effect_noise((400, 400), 50).convert("RGB"))
    with pytest.raises(PhotoRefused) as refused:
        developed(whole[: len(whole) // 2])
    assert refused.value.code == "photo-unreadable"


@pytest.mark.parametrize("side", [60_000, 5_000])  # the smaller one would still take a gigabyte while it is decoded
def test_a_decompression_bomb_is_too_large(side: int) -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    with pytest.raises(PhotoRefused) as refused:
        developed(bomb)
    assert refused.value.code == "photo-too-large"


def test_more_than_fifteen_megabytes_are_too_large() -> None:
    with pytest.raises(PhotoRefused) as refused:
        developed(bytes(15 * 1024 * 1024 + 1))
    assert refused.value.code == "photo-too-large"
