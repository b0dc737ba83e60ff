"""What a version of a ruleset would have made of signals that are past, beside what another would have made of them.

Signals give wishes, as perception would (`player`); wishes give cases, as the store would (`cases`); two runs are
compared (`difference`). Partitions of the inbox may be played apart from each other: cases are made of the wishes of
all, in the order of time.
"""

from rules.backtest.cases import cases_of
from rules.backtest.difference import Change, Difference, Item, difference
from rules.backtest.player import Player
from rules.casebook import RealCase, WouldBe
from rules.wishes import Wish

__all__ = ["Change", "Difference", "Item", "Player", "RealCase", "Wish", "WouldBe", "cases_of", "difference"]
