"""The API counts bytes of UTF-8 and cuts what is longer wherever it falls; we cut between characters."""

TEXT_BYTES = 2048  # content of a text message
TITLE_BYTES = 128  # of a card
DESCRIPTION_BYTES = 512  # of a card
URL_BYTES = 2048
MORE = "…"


def cut(text: str, limit: int) -> str:
    """The longest beginning of `text` that fits into `limit` bytes, ending in `…` where something is missing."""
    whole = text.encode(errors="replace")
    if len(whole) <= limit:
        return whole.decode()
    room = limit - len(MORE.encode())
    if room < 0:
        return whole[:limit].decode(errors="ignore")
    return whole[:room].decode(errors="ignore") + MORE
