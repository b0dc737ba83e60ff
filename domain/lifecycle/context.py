"""What a decision may know besides the case."""

from datetime import datetime
from uuid import UUID

from domain.matters import Frozen
from domain.people import Actor, PersonRef
from domain.places import Point


class Main(Frozen):
    """The case that another one is linked to."""

    id: UUID
    name: str  # its number; its title before it has one
    linked_to: UUID | None = None


class Context(Frozen):
    """Who asks, when, and what the store looked up for the command."""

    actor: Actor
    now: datetime
    person: PersonRef | None = None  # whom the command names, with their unit; None: no such person
    unit_known: bool = True  # whether there is the unit that the command names
    by_phone: bool = False  # that unit has no accounts
    ground: str = "chosen"  # how unit and person were found
    place_at: Point | None = None  # where the case's place is
    newer: str | None = None  # a newer open case of the same key, by its number
    main: Main | None = None  # the case that a link names, where the actor sees it
    children: tuple[str, ...] = ()  # the open ones of the cases that were opened with this one, by their numbers
