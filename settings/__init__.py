"""One place for every setting: environment `LINLI_*`, then `$LINLI_HOME/linli.json` (written by `linli up`)."""

from settings.model import Settings, UnreadableState, default_home, load
from settings.ready import mark_ready

__all__ = ["Settings", "UnreadableState", "default_home", "load", "mark_ready"]
