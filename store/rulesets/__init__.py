"""Rulesets and the life of their versions: texts, steps, what is in force, what it did.

Every change of what is in force is told on the channel `linli_rulesets`.
"""

from store.rulesets.contradictions import contradictions
from store.rulesets.folders import STILL_CHANGING, Folder, folders, forget_folders, is_taken, keep_folder
from store.rulesets.inforce import InForce, Running, active_rulesets, in_force, place_names
from store.rulesets.listing import Health, Summary, listing
from store.rulesets.news import News, news_of, tell_author
from store.rulesets.shadowing import Example, RuleShadow, Shadowing, shadowing
from store.rulesets.soundness import faults, keep_faults
from store.rulesets.steps import CHANNEL, KeyTaken, StepRow, standing, steps
from store.rulesets.taking import Taken, due_starts, next_start, take
from store.rulesets.versions import VersionRow, VersionTexts, add_version, texts, versions

__all__ = [
    "CHANNEL",
    "STILL_CHANGING",
    "Example",
    "Folder",
    "Health",
    "InForce",
    "KeyTaken",
    "News",
    "RuleShadow",
    "Running",
    "Shadowing",
    "StepRow",
    "Summary",
    "Taken",
    "VersionRow",
    "VersionTexts",
    "active_rulesets",
    "add_version",
    "contradictions",
    "due_starts",
    "faults",
    "folders",
    "forget_folders",
    "in_force",
    "is_taken",
    "keep_faults",
    "keep_folder",
    "listing",
    "news_of",
    "next_start",
    "place_names",
    "shadowing",
    "standing",
    "steps",
    "take",
    "tell_author",
    "texts",
    "versions",
]
