"""Photos as the people of a story would take them, drawn; each differs, as photos do."""

import random
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

SIZE = (1280, 960)
STEEL = (176, 182, 188)


def lift_door(chance: random.Random, *, close: bool) -> bytes:
    """A lift's door with nothing before it; `close`: the photographer stands nearer. JPEG bytes."""
    light = chance.randrange(-14, 14)
    wall = tuple(channel + light for channel in (214, 208, 196))
    picture = Image.new("RGB", SIZE, wall)
    draw = ImageDraw.Draw(picture)
    floor = 700 if close else 640
    draw.rectangle((0, floor, *SIZE), fill=tuple(channel + light for channel in (120, 112, 104)))
    for line in range(floor, SIZE[1], 70):
        draw.line((0, line, SIZE[0], line), fill=(104, 97, 90), width=3)
    half = 300 if close else 220
    middle = SIZE[0] // 2 + chance.randrange(-40, 40)
    top = 60 if close else 140
    draw.rectangle((middle - half - 26, top - 26, middle + half + 26, floor), fill=(92, 96, 102))
    for side in (-1, 1):
        near, far = sorted((middle, middle + side * half))
        draw.rectangle((near, top, far, floor), fill=STEEL)
        for stripe in range(near + 12, far - 12, 24):
            shade = chance.randrange(-8, 8)
            draw.rectangle((stripe, top, stripe + 10, floor), fill=tuple(channel + shade for channel in STEEL))
    draw.line((middle, top, middle, floor), fill=(70, 74, 80), width=5)
    draw.rounded_rectangle((middle + half + 60, 380, middle + half + 110, 500), 10, fill=(60, 63, 68))
    for button in (410, 460):
        draw.ellipse((middle + half + 74, button, middle + half + 96, button + 22), fill=(235, 226, 160))
    kept = BytesIO()
    picture.filter(ImageFilter.GaussianBlur(1.2)).save(kept, "JPEG", quality=82)
    return kept.getvalue()
