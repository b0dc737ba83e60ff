"""From the outbox to a phone: once, to one person, and with a trace of what failed."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import psycopg
import pytest
from builders import LI, LIFT, PROPERTY, UNIT_2, WANG, a_case, a_matter
from phones import phones_of

from activities.tell import sending
from domain.cases import Case
from domain.matters import Priority
from store.contacts import Contacts
from store.links import digest
from store.messages import opened

pytestmark = pytest.mark.servers


def assigned(place: str = UNIT_2) -> Any:
    matter = a_matter(place=place, dedupe_key=f"ebike-in-elevator/main{place}")
    return a_case(matter).filed().assigned_to(PROPERTY, WANG)


async def test_whoever_a_case_is_given_to_gets_one_card_that_opens_it(desk: Any) -> None:
    case: Case = await desk.case(assigned())
    await desk.rounds()
    (item,) = desk.phones.inbox()
    assert (item["to"], item["to_name"], item["channel"]) == ("c07.wang", "王建国", "wecom")
    assert item["title"] == f"新派单：{case.title}"
    assert "签收" in item["text"]
    asked = parse_qs(urlsplit(item["url"]).query)
    assert item["url"].startswith("http://linli.test/w?")
    assert asked["case"] == [str(case.id)]
    ((state, sent, from_outbox),) = await desk.ask(
        "SELECT m.state, m.sent_at, o.sent_at FROM messages m JOIN outbox o ON o.id = m.outbox_id WHERE m.id = %s",
        asked["m"][0],
    )
    assert (state, sent, from_outbox) == ("sent", desk.now, desk.now)


async def test_a_unit_without_a_named_person_is_told_by_its_liaison(desk: Any) -> None:
    await desk.case(a_case().filed().assigned_to(PROPERTY))
    await desk.rounds()
    assert [item["to"] for item in desk.phones.inbox()] == ["c07.zhao"]


@pytest.mark.parametrize(
    ("audience", "urgency", "person"),
    [
        ("liaison:property-c07", 0, "c07.zhao"),
        ("kind:property", 0, "c07.zhao"),
        ("role:dispatcher", 0, "dispatch.lin"),
        ("tier_above:committee", 0, "grid.fang"),
        ("tier_above:grid", 0, "duty.chen"),
        ("brain:committee", 1, "duty.chen"),
        ("liaison:no-such-unit", 0, "duty.chen"),
    ],
)
async def test_an_audience_is_one_person(desk: Any, audience: str, urgency: int, person: str) -> None:
    case = await desk.case(a_case())
    await desk.ask("DELETE FROM outbox")
    await desk.outbox(case, "key", reason="returned", urgency=urgency, to=audience)
    await desk.rounds()
    assert [item["to"] for item in desk.phones.inbox()] == [person]


async def test_a_message_that_cannot_be_written_is_listed_as_given_up_and_keeps_no_other_waiting(
    desk: Any, seeded: Any
) -> None:
    unreadable: Case = await desk.case(assigned(LIFT))
    readable: Case = await desk.case(assigned())
    with psycopg.connect(seeded.owner_dsn) as owner:
        owner.execute("SET linli.scope = '*'")
        owner.execute("UPDATE cases SET state = '{}' WHERE id = %s", (unreadable.id,))
    await desk.rounds()
    assert [item["title"] for item in desk.phones.inbox()] == [f"新派单：{readable.title}"]
    given_up = await desk.ask("SELECT title, state FROM messages WHERE case_id = %s", unreadable.id)
    assert given_up == [("消息没有写成", "given-up")]
    assert await desk.ask("SELECT count(*) FROM outbox WHERE addressed_at IS NULL") == [(0,)]


async def test_nobody_who_can_be_reached_is_seen_on_the_case(desk: Any) -> None:
    await desk.ask("UPDATE people SET wecom_id = NULL, phone = NULL WHERE name = 'c07.wang'")
    await desk.case(assigned())
    await desk.rounds()
    assert await desk.states() == [("none", "given-up", "no-address")]


async def test_a_limit_of_the_api_only_delays(desk: Any) -> None:
    desk.phones.fails(45009)
    await desk.case(assigned())
    await desk.rounds()
    assert await desk.states() == [("wecom", "waiting", "45009")]
    await desk.rounds(seconds=30)
    assert desk.phones.inbox() == []
    await desk.rounds(seconds=31)
    assert len(desk.phones.inbox()) == 1
    assert await desk.states() == [("wecom", "sent", None)]


@pytest.mark.parametrize("code", [43101, 60011, 81013])
async def test_who_cannot_be_reached_there_gets_an_sms(desk: Any, code: int) -> None:
    desk.phones.fails(code)
    await desk.case(assigned())
    await desk.rounds()
    (item,) = desk.phones.inbox()
    assert (item["channel"], item["to_name"]) == ("sms", "王建国")
    assert await desk.states() == [("wecom", "failed", str(code)), ("sms", "sent", None)]


async def test_a_server_down_for_a_minute_costs_no_message_and_doubles_none(desk: Any, members: Any) -> None:
    for number in range(5):
        await desk.case(assigned(f"/310110/kj/c07/n021/b0{number + 1}/u1/"))
    with phones_of(members) as another:  # a port that nobody listens on any more
        port = another.port
    desk.settings = desk.settings.model_copy(update={"wecom_port": port})
    desk.__post_init__()
    await desk.rounds()
    for _ in range(6):
        await desk.rounds(seconds=10)
    assert {state for _, state, _ in await desk.states()} == {"waiting"}
    with phones_of(members, port) as back:
        for _ in range(3):
            await desk.rounds(minutes=5)
        items = back.inbox()
    assert len(items) == len({item["url"] for item in items}) == 5
    assert await desk.states() == [("wecom", "sent", None)] * 5


async def test_a_notifier_killed_after_sending_sends_what_the_phone_shows_once(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def kill(name: str) -> None:
        assert name == "after-send"
        raise Killed

    await desk.case(assigned())
    monkeypatch.setattr(sending, "reached", kill)
    with pytest.raises(Killed):
        await desk.rounds()
    assert len(desk.phones.inbox()) == 1
    assert await desk.states() == [("wecom", "waiting", None)]
    monkeypatch.undo()
    await desk.rounds()  # still leased
    assert await desk.states() == [("wecom", "waiting", None)]
    await desk.rounds(seconds=sending.LEASE.total_seconds() + 1)
    assert await desk.states() == [("wecom", "sent", None)]
    assert len(desk.phones.inbox()) == 1


async def test_an_emergency_that_nobody_opens_gets_louder_each_minute_up_to_the_telephone(desk: Any) -> None:
    await desk.case(a_case(a_matter(priority=Priority.URGENT)).filed().assigned_to(PROPERTY, WANG))
    await desk.ask("UPDATE outbox SET urgency = 1")
    await desk.rounds()
    await desk.rounds(seconds=59)
    assert [item["channel"] for item in desk.phones.inbox()] == ["wecom"]
    await desk.rounds(seconds=2)
    assert [item["channel"] for item in desk.phones.inbox()] == ["sms", "wecom"]
    await desk.rounds(seconds=61)
    await desk.rounds(minutes=10)
    assert [item["channel"] for item in desk.phones.inbox()] == ["voice", "sms", "wecom"]


async def test_nobody_is_rung_up_for_what_has_been_dealt_with_or_is_somebody_elses(desk: Any) -> None:
    await desk.case(a_case(a_matter(priority=Priority.URGENT)).filed().assigned_to(PROPERTY, WANG))
    await desk.ask("UPDATE outbox SET urgency = 1")
    await desk.rounds()
    await desk.ask("UPDATE cases SET person = gen_random_uuid()")
    await desk.rounds(minutes=10)
    assert [item["channel"] for item in desk.phones.inbox()] == ["wecom"]
    await desk.ask("UPDATE outbox SET reason = 'inform'")
    await desk.ask("UPDATE cases SET stage = 'inspecting'")
    await desk.rounds(minutes=10)
    assert [item["channel"] for item in desk.phones.inbox()] == ["wecom"]


async def test_an_emergency_that_was_opened_stays_as_it_is(desk: Any) -> None:
    await desk.case(a_case(a_matter(priority=Priority.URGENT)).filed().assigned_to(PROPERTY, WANG))
    await desk.ask("UPDATE outbox SET urgency = 1")
    await desk.rounds()
    await desk.ask("UPDATE messages SET state = 'read', read_at = sent_at")
    await desk.rounds(minutes=10)
    assert [item["channel"] for item in desk.phones.inbox()] == ["wecom"]


@pytest.mark.parametrize(("urgency", "channel"), [(0, "wecom"), (1, "wecom"), (2, "sms"), (3, "voice"), (7, "voice")])
async def test_an_emergency_repeated_comes_louder(desk: Any, urgency: int, channel: str) -> None:
    case = await desk.case(assigned())
    await desk.ask("DELETE FROM outbox")
    await desk.outbox(case, "repeat", reason=f"repeat:{urgency}", urgency=urgency, to=UUID(WANG.id))
    await desk.rounds()
    assert [item["channel"] for item in desk.phones.inbox()] == [channel]


async def test_who_has_no_account_there_gets_an_sms_that_lets_them_in_once(desk: Any) -> None:
    await desk.ask("UPDATE people SET wecom_id = NULL WHERE name = 'c07.wang'")
    case = await desk.case(assigned())
    await desk.rounds()
    (item,) = desk.phones.inbox()
    assert item["channel"] == "sms"
    token = item["url"].removeprefix("http://linli.test/l/")
    assert len(token) == 43
    assert await desk.ask("SELECT person, case_id FROM one_time_links WHERE token_hash = %s", digest(token)) == [
        (UUID(WANG.id), case.id)
    ]
    assert token not in str(await desk.ask("SELECT messages::text FROM messages"))


async def test_a_secretary_gets_one_digest_in_the_morning_and_what_is_theirs(desk: Any) -> None:
    case = await desk.case(assigned())
    await desk.ask("DELETE FROM outbox")
    for number in range(3):
        await desk.outbox(case, f"inform-{number}", reason="inform", to="kind:committee")
    await desk.outbox(case, "own", reason="assigned", to="liaison:committee-c07")
    await desk.outbox(case, "emergency", reason="inform", urgency=1, to="kind:committee")
    await desk.rounds()
    assert [item["to"] for item in desk.phones.inbox()] == ["c07.shen"] * 2
    await desk.rounds(hours=19, minutes=31)  # 8:31
    digests = [item for item in desk.phones.inbox("c07.shen") if "今日待办" in item["title"]]
    assert len(digests) == 1
    assert case.title in digests[0]["text"]
    again = type(desk)(desk.pool, desk.settings, desk.phones, desk.now)
    await again.rounds(minutes=20)  # another notifier, later the same morning
    assert len([item for item in desk.phones.inbox("c07.shen") if "今日待办" in item["title"]]) == 1
    assert {state for _, state, _ in await desk.states()} == {"sent"}


async def test_leaders_get_one_red_list_and_no_push_per_case(desk: Any) -> None:
    for number in range(3):
        case = await desk.case(assigned(f"/310110/kj/c07/n021/b0{number + 1}/u1/"))
        await desk.outbox(case, f"red-{number}", reason="clock:stage:0:2", to="brain:committee")
    await desk.rounds()
    assert desk.phones.inbox("super.zhou") == []
    await desk.rounds(hours=3, minutes=31)  # 16:31
    (item,) = desk.phones.inbox("super.zhou")
    assert item["title"] == "超期红榜（3 件）"


async def test_the_rest_of_a_flood_comes_as_one(desk: Any) -> None:
    case = await desk.case(assigned())
    await desk.ask("DELETE FROM outbox")
    for number in range(25):
        await desk.outbox(case, f"flood-{number}", reason="worsened", to=UUID(LI.id))
    await desk.outbox(case, "emergency", reason="worsened", urgency=1, to=UUID(LI.id))
    await desk.rounds()
    assert len(desk.phones.inbox("c07.li")) == 21
    await desk.rounds(hours=1, seconds=1)
    newest, *before = desk.phones.inbox("c07.li")
    assert (newest["title"], len([i for i in before if i["channel"] == "wecom"])) == ("消息汇总（5 件）", 21)


async def test_a_resident_is_told_in_plain_words_with_the_follow_link(desk: Any) -> None:
    contacts = Contacts(desk.settings.contact_key)
    report = UUID(int=7)
    await desk.ask(
        "INSERT INTO reports (id, follow_hash, text, place, phone) VALUES (%s, 'x', '灯坏了', %s, %s)",
        *(report, LIFT, contacts.seal("13912345678")),
    )
    case = await desk.case(a_case().filed())
    await desk.outbox(case, "reply", reason="reply", to=f"report:{report}")
    await desk.rounds()
    (item,) = desk.phones.inbox()
    assert (item["to"], item["channel"]) == ("13912345678", "sms")
    assert item["url"].startswith("http://linli.test/f/")
    assert await desk.ask("SELECT to_label FROM messages") == [("139****5678",)]
    assert "139" not in str(await desk.ask("SELECT text, title, url FROM messages"))


def test_waiting_between_tries_grows_and_ends() -> None:
    pauses = [sending.pause(tries, timedelta(0)).total_seconds() for tries in range(1, 9)]
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300]
    assert sending.pause(2, timedelta(seconds=60)) == timedelta(seconds=120)


async def test_pages_that_show_the_case_hear_that_its_message_was_sent_and_read(desk: Any) -> None:
    case = await desk.case(a_case().filed().assigned_to(PROPERTY, WANG))
    async with desk.pool.connection() as listener:
        await listener.execute("LISTEN linli_cases")
        await desk.rounds()
        sent = await anext(listener.notifies(timeout=60))
        await opened(listener, UUID(WANG.id), case_id=case.id)
        read = await anext(listener.notifies(timeout=60))
        await listener.execute("UNLISTEN linli_cases")
    assert [json.loads(hint.payload) for hint in (sent, read)] == [{"id": str(case.id), "place": case.place}] * 2
