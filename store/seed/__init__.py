"""The demo organisation: a small sub-district, its people and its devices, as data files in `demo/`."""

from store.seed.accounts import Account
from store.seed.calendars import seed_calendars
from store.seed.catalogue import seed_catalogue
from store.seed.load import seed_demo
from store.seed.rulesets import load_rulesets

__all__ = ["Account", "load_rulesets", "seed_calendars", "seed_catalogue", "seed_demo"]
