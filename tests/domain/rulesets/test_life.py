"""The life of a ruleset's versions, in whatever order people take their steps."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain.people import BY_RULE, Actor, Role
from domain.rulesets import (
    IN_FORCE,
    Approve,
    Ask,
    Command,
    Context,
    Drafted,
    Refuse,
    Refused,
    Retire,
    RollBack,
    Ruleset,
    Stage,
    Start,
    Started,
    Withdraw,
    decide,
    evolve,
    evolved,
    offered,
)

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
LATER = NOON + timedelta(hours=8)
AREA = ("/310110/kj/c07/",)
XU, PEI, MEI = (Actor(id=name, name=name, roles=frozenset({Role.RULE_AUTHOR})) for name in ("xu", "pei", "mei"))
DUTY = Actor(id="chen", name="chen", roles=frozenset({Role.DUTY_OFFICER}))
PEOPLE = (XU, PEI, MEI)
VERSIONS = ("a", "b", "c", "d")


def drafts(**authors: str | None) -> Ruleset:
    return evolved(Drafted(version=version, author=author) for version, author in authors.items())


def after(ruleset: Ruleset, actor: Actor, command: Command, now: datetime = NOON, problems: int = 0) -> Ruleset:
    return evolved(decide(ruleset, command, Context(actor=actor, now=now, problems=problems)), ruleset)


def in_force(ruleset: Ruleset, version: str, stage: Stage = Stage.ACTIVE, areas: tuple[str, ...] = ()) -> Ruleset:
    """Asked by Pei, approved by Mei."""
    asked = after(ruleset, PEI, Ask(version=version, stage=stage, areas=areas))
    return after(asked, MEI, Approve(version=version))


def refusal(ruleset: Ruleset, actor: Actor, command: Command, **given: Any) -> str:
    with pytest.raises(Refused) as refused:
        after(ruleset, actor, command, **given)
    return refused.value.code


def test_two_people_bring_a_version_into_force_and_the_author_is_neither() -> None:
    ruleset = after(drafts(a=XU.id), XU, Ask(version="a", stage=Stage.ACTIVE))
    assert refusal(ruleset, XU, Approve(version="a")) == "own-version"
    by_another = after(drafts(a=XU.id), PEI, Ask(version="a", stage=Stage.ACTIVE))
    assert refusal(by_another, PEI, Approve(version="a")) == "own-asking"
    assert refusal(by_another, XU, Approve(version="a")) == "own-version"
    assert refusal(by_another, DUTY, Approve(version="a")) == "not-permitted"
    assert after(by_another, MEI, Approve(version="a")).versions["a"].stage is Stage.ACTIVE


def test_what_lay_in_a_folder_is_asked_for_by_one_and_approved_by_another() -> None:
    asked = after(drafts(a=None), XU, Ask(version="a", stage=Stage.ACTIVE))
    assert refusal(asked, XU, Approve(version="a")) == "own-asking"
    assert after(asked, PEI, Approve(version="a")).versions["a"].stage is Stage.ACTIVE


def test_a_version_with_faults_is_neither_asked_for_nor_approved_nor_started() -> None:
    assert refusal(drafts(a=None), XU, Ask(version="a", stage=Stage.SHADOW), problems=1) == "not-sound"
    asked = after(drafts(a=None), XU, Ask(version="a", stage=Stage.SHADOW, starts_at=LATER))
    assert refusal(asked, PEI, Approve(version="a"), problems=2) == "not-sound"
    waiting = after(asked, PEI, Approve(version="a"))
    given_up = after(waiting, BY_RULE, Start(version="a"), now=LATER, problems=1)
    assert (given_up.versions["a"].stage, given_up.versions["a"].asking) == (Stage.DRAFT, None)


def test_a_scheduled_start_waits_for_its_time() -> None:
    asked = after(drafts(a=None), XU, Ask(version="a", stage=Stage.ACTIVE, starts_at=LATER))
    waiting = after(asked, PEI, Approve(version="a"))
    assert waiting.versions["a"].stage is Stage.DRAFT
    assert refusal(waiting, BY_RULE, Start(version="a")) == "too-early"
    assert refusal(waiting, XU, Start(version="a"), now=LATER) == "not-permitted"
    assert refusal(waiting, MEI, Approve(version="a")) == "approved-already"
    assert after(waiting, BY_RULE, Start(version="a"), now=LATER).versions["a"].stage is Stage.ACTIVE
    assert after(waiting, XU, Withdraw(version="a")).versions["a"].asking is None


def test_a_start_beyond_a_year_is_refused_for_no_calendar_could_show_it() -> None:
    for starts_at in (NOON + timedelta(days=367), datetime.max.replace(tzinfo=timezone(timedelta(hours=-14)))):
        asking = Ask(version="a", stage=Stage.ACTIVE, starts_at=starts_at)
        assert refusal(drafts(a=None), XU, asking) == "start-too-far"


def test_a_start_in_the_past_is_refused_and_one_that_passed_meanwhile_is_at_once() -> None:
    assert refusal(drafts(a=None), XU, Ask(version="a", stage=Stage.ACTIVE, starts_at=NOON)) == "start-is-past"
    asked = after(drafts(a=None), XU, Ask(version="a", stage=Stage.ACTIVE, starts_at=LATER))
    assert after(asked, PEI, Approve(version="a"), now=LATER).versions["a"].stage is Stage.ACTIVE


def test_who_comes_in_takes_the_place_of_who_was_there() -> None:
    ruleset = in_force(in_force(drafts(a=None, b=None), "a"), "b")
    assert (ruleset.versions["a"].stage, ruleset.versions["b"].stage) == (Stage.RETIRED, Stage.ACTIVE)


def test_a_canary_has_areas_and_nothing_else_has() -> None:
    assert refusal(drafts(a=None), XU, Ask(version="a", stage=Stage.CANARY)) == "areas-missing"
    assert refusal(drafts(a=None), XU, Ask(version="a", stage=Stage.ACTIVE, areas=AREA)) == "areas-not-asked"
    canary = in_force(drafts(a=None), "a", Stage.CANARY, AREA)
    assert refusal(canary, XU, Ask(version="a", stage=Stage.CANARY, areas=AREA)) == "there-already"
    wider = in_force(canary, "a", Stage.CANARY, ("/310110/kj/",))
    assert wider.versions["a"].areas == ("/310110/kj/",)
    assert in_force(wider, "a").versions["a"].areas == ()


def test_the_active_version_leaves_by_retiring_or_roll_back_only() -> None:
    active = in_force(drafts(a=None), "a")
    assert refusal(active, XU, Ask(version="a", stage=Stage.SHADOW)) == "active-already"
    retired = after(active, XU, Retire(version="a"))
    assert refusal(retired, XU, Retire(version="a")) == "retired-already"
    assert in_force(retired, "a").versions["a"].stage is Stage.ACTIVE


def test_roll_back_goes_back_one_by_one_and_not_to_what_was_rolled_back() -> None:
    ruleset = in_force(in_force(in_force(drafts(a=None, b=None, c=None), "a"), "b"), "c")
    back = after(ruleset, XU, RollBack(active="c"))
    assert back.at(Stage.ACTIVE) == back.versions["b"]
    assert refusal(back, XU, RollBack(active="c")) == "active-is-another"
    further = after(back, XU, RollBack())
    assert further.at(Stage.ACTIVE) == further.versions["a"]
    assert refusal(further, XU, RollBack()) == "nothing-before"


def test_roll_back_brings_back_what_was_retired_without_a_successor() -> None:
    retired = after(in_force(drafts(a=None), "a"), XU, Retire(version="a"))
    assert after(retired, XU, RollBack()).versions["a"].stage is Stage.ACTIVE


def test_an_asking_is_refused_by_another_and_withdrawn_by_its_asker() -> None:
    asked = after(drafts(a=XU.id), PEI, Ask(version="a", stage=Stage.SHADOW))
    assert refusal(asked, PEI, Ask(version="a", stage=Stage.ACTIVE)) == "asked-already"
    assert refusal(asked, PEI, Refuse(version="a")) == "own-asking"
    assert refusal(asked, MEI, Withdraw(version="a")) == "not-the-asker"
    assert after(asked, MEI, Refuse(version="a")).versions["a"].asking is None
    assert refusal(after(asked, PEI, Withdraw(version="a")), MEI, Approve(version="a")) == "nothing-asked"


def test_a_version_that_is_not_there_is_named() -> None:
    assert refusal(drafts(a=None), XU, Retire(version="z")) == "version-unknown"


class Life(RuleBasedStateMachine):
    """People take steps at random; what must never be is looked for after each."""

    def __init__(self) -> None:
        super().__init__()
        self.ruleset = Ruleset()
        self.now = NOON
        self.asked: dict[str, tuple[str, Stage]] = {}
        self.approved: dict[str, str] = {}
        self.was_active: list[str] = []  # the versions that roll-back must go to, the latest last
        self.authors: dict[str, str | None] = {}

    @rule(version=st.sampled_from(VERSIONS), author=st.sampled_from((XU.id, PEI.id, None)))
    def draft(self, version: str, author: str | None) -> None:
        if version not in self.ruleset.versions:
            self.authors[version] = author
            self.ruleset = evolve(self.ruleset, Drafted(version=version, author=author))

    @precondition(lambda self: self.ruleset.versions)
    @rule(data=st.data())
    def step(self, data: st.DataObject) -> None:
        version = data.draw(st.sampled_from(sorted(self.ruleset.versions)))
        actor = data.draw(st.sampled_from((*PEOPLE, DUTY, BY_RULE)))
        problems = data.draw(st.sampled_from((0, 0, 0, 1)))
        stage = data.draw(st.sampled_from(IN_FORCE))
        areas = AREA if stage is Stage.CANARY else ()
        starts = data.draw(st.sampled_from((None, None, self.now + timedelta(minutes=5))))
        command = data.draw(
            st.sampled_from(
                (
                    Ask(version=version, stage=stage, areas=areas, starts_at=starts),
                    Approve(version=version),
                    Approve(version=version),
                    Refuse(version=version),
                    Withdraw(version=version),
                    Retire(version=version),
                    RollBack(),
                    Start(version=version),
                )
            )
        )
        self.now += timedelta(minutes=data.draw(st.sampled_from((0, 1, 6))))
        self._give(command, actor, problems)

    def _give(self, command: Command, actor: Actor, problems: int) -> None:
        before = self.ruleset
        try:
            events = decide(before, command, Context(actor=actor, now=self.now, problems=problems))
        except Refused:
            return
        if not isinstance(command, Start):
            assert command.name in offered(before, getattr(command, "version", ""), actor) or isinstance(
                command, RollBack
            )
        self.ruleset = evolved(events, before)
        match command:
            case Ask(version=version, stage=stage):
                self.asked[version] = (actor.id, stage)
            case Approve(version=version):
                self.approved[version] = actor.id
        started = [event for event in events if isinstance(event, Started)]
        for event in started:
            assert problems == 0
            asker, stage = self.asked[event.version]
            approver = self.approved.pop(event.version)
            assert approver not in (asker, self.authors[event.version])
            assert event.stage is stage
        self._remember(before, command)

    def _remember(self, before: Ruleset, command: Command) -> None:
        left, now = before.at(Stage.ACTIVE), self.ruleset.at(Stage.ACTIVE)
        if left == now:
            return
        if isinstance(command, RollBack):
            assert now is not None
            assert now.id == self.was_active.pop()
            return
        self.was_active = [one for one in self.was_active if now is None or one != now.id]
        if left is not None:
            self.was_active.append(left.id)

    @invariant()
    def one_version_in_each_stage(self) -> None:
        stages = [version.stage for version in self.ruleset.versions.values() if version.stage in IN_FORCE]
        assert len(stages) == len(set(stages))

    @invariant()
    def areas_belong_to_a_canary(self) -> None:
        assert all(bool(v.areas) == (v.stage is Stage.CANARY) for v in self.ruleset.versions.values())

    @invariant()
    def authors_never_change(self) -> None:
        assert {id_: version.author for id_, version in self.ruleset.versions.items()} == self.authors


TestLife = Life.TestCase
