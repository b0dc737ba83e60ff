"""Units that act beside the handler: called once, each answers for itself, the desk for those without accounts."""

import pytest
from builders import DISPATCHER, FIRE_STATION, GAS, LEI, PROPERTY, WANG, Story, a_case, a_matter

from domain.commands import AnswerJoint, CallParties
from domain.lifecycle import Refused, Step, automatic, offered
from domain.people import BY_RULE, Actor

BOTH = CallParties(units=(FIRE_STATION, GAS), by_phone=(GAS,))


def beside_the_property() -> Story:
    return a_case(a_matter(parties=("fire-station", "gas"))).filed().by(BY_RULE, BOTH).assigned_to(PROPERTY, WANG)


def test_parties_are_called_as_soon_as_the_case_counts_before_it_is_given_out() -> None:
    story = a_case(a_matter(parties=("fire-station", "gas")))
    assert automatic(story.case, story.now) is Step.FILE
    assert automatic(story.filed().case, story.now) is Step.CALL_PARTIES
    assert automatic(story.by(BY_RULE, BOTH).case, story.now) is Step.DISPATCH


def test_a_unit_that_is_there_already_is_not_called_again() -> None:
    story = beside_the_property().worsened(a_matter(priority="high", parties=("gas", "property")))
    assert automatic(story.case, story.now) is Step.CALL_PARTIES
    story.by(BY_RULE, CallParties(units=(GAS, PROPERTY), by_phone=(GAS,)))
    assert [party.unit for party in story.case.parties] == [FIRE_STATION, GAS]
    assert (story.case.awaited_by_phone, automatic(story.case, story.now)) == ((GAS,), None)


@pytest.mark.parametrize(("who", "unit"), [(LEI, GAS), (DISPATCHER, FIRE_STATION)])
def test_nobody_answers_for_a_party_that_is_not_theirs_to_answer_for(who: Actor, unit: str) -> None:
    with pytest.raises(Refused, match="not-permitted"):
        beside_the_property().by(who, AnswerJoint(note="已到场警戒", unit=unit, spoken_to="抢修班老周"))


def test_the_desk_is_offered_to_answer_only_for_a_party_that_it_calls() -> None:
    story = a_case(a_matter(parties=("fire-station",))).filed().by(BY_RULE, CallParties(units=(FIRE_STATION,)))
    assert "answer_joint" in offered(story.case, LEI)
    assert "answer_joint" not in offered(story.case, DISPATCHER)
    assert "answer_joint" in offered(beside_the_property().case, DISPATCHER)


def test_what_a_party_answered_stands() -> None:
    story = beside_the_property().by(LEI, AnswerJoint(note="已到场警戒"))
    with pytest.raises(Refused, match="joint-answered"):
        story.by(LEI, AnswerJoint(note="再答一次"))
    assert [(party.unit, party.note) for party in story.case.parties] == [(FIRE_STATION, "已到场警戒"), (GAS, "")]
