"""The API over real HTTP: an answer counts by its errcode alone."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from phones import Phones, phones_of

from adapters.govwecom.client import Client, Refused, Tokens
from adapters.govwecom.plugin import NotifyGovWecom, address, content, plugin_for
from adapters.outcomes import Verdict

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "wecom"
CARD = content("textcard", "电瓶车堵门", "双阳二村 12 号", "http://linli.test/w?case=1&m=2")


@pytest.fixture
def phones() -> Iterator[Phones]:
    with phones_of({"c07.wang": "王建国", "c07.li": "李卫民"}) as running:
        yield running


def test_a_card_lies_on_the_phone_with_its_link(phones: Phones) -> None:
    outcome = phones.client().send("c07.wang", CARD)
    assert (outcome.verdict, outcome.code) == (Verdict.SENT, "0")
    (item,) = phones.inbox()
    assert (item["id"], item["to"], item["to_name"]) == (outcome.message_id, "c07.wang", "王建国")
    assert (item["title"], item["channel"], item["read_at"]) == ("电瓶车堵门", "wecom", None)
    assert item["url"] == "http://linli.test/w?case=1&m=2"


@pytest.mark.parametrize("code", [40014, 42001])
def test_a_token_that_ended_is_fetched_anew_once(phones: Phones, code: int) -> None:
    phones.fails(code)
    assert phones.client().send("c07.wang", CARD).verdict is Verdict.SENT
    phones.fails(code, times=2)
    refused = phones.client().send("c07.li", CARD)
    assert (refused.verdict, refused.code) == (Verdict.LATER, str(code))


def test_a_token_is_kept_and_its_real_end_is_noticed(phones: Phones) -> None:
    client = phones.client()
    client.send("c07.wang", CARD)
    api = phones.standin.api
    (token,) = api._tokens
    client.send("c07.li", CARD)
    assert list(api._tokens) == [token]
    api._tokens[token] = 0.0  # its two hours are over
    assert client.send("c07.wang", content("text", "", "later", "")).verdict is Verdict.SENT
    assert len(phones.inbox()) == 3


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (45009, Verdict.LATER),
        (-1, Verdict.LATER),
        (99999, Verdict.LATER),
        (43101, Verdict.REFUSED),
        (60011, Verdict.REFUSED),
        (81013, Verdict.REFUSED),
        (93000, Verdict.REFUSED),
    ],
)
def test_each_errcode_has_its_verdict(phones: Phones, code: int, verdict: Verdict) -> None:
    phones.fails(code)
    outcome = phones.client().send("c07.wang", CARD)
    assert (outcome.verdict, outcome.code) == (verdict, str(code))
    assert phones.inbox() == []
    assert outcome.wait == (timedelta(seconds=60) if code == 45009 else timedelta(0))


def test_success_that_names_the_person_invalid_is_none(phones: Phones) -> None:
    both = phones.client()._with_token("POST", "/cgi-bin/message/send", body={
        "touser": "c07.wang|nobody|ghost", "agentid": 1000002, **CARD,
    })  # fmt: skip
    assert (both["errcode"], both["invaliduser"]) == (0, "nobody|ghost")
    assert [item["to"] for item in phones.inbox()] == ["c07.wang"]
    assert phones.client().send("ghost", CARD).verdict is Verdict.REFUSED


def test_a_partial_failure_is_found_in_the_list_of_names(phones: Phones, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Client, "_with_token", lambda *_, **__: {"errcode": 0, "invaliduser": "c07.li|c07.wang"})
    outcome = phones.client().send("c07.wang", CARD)
    assert (outcome.verdict, outcome.code) == (Verdict.REFUSED, "invaliduser")
    assert phones.client().send("c07.wan", CARD).verdict is Verdict.SENT


def test_the_same_content_is_shown_once(phones: Phones) -> None:
    first, second = (phones.client().send("c07.wang", CARD) for _ in range(2))
    assert (first.verdict, second.verdict) == (Verdict.SENT, Verdict.SENT)
    phones.client().send("c07.li", CARD)
    phones.client().send("c07.wang", content("textcard", "电瓶车堵门", "双阳二村 12 号", "http://linli.test/w?m=3"))
    assert [item["to"] for item in phones.inbox()] == ["c07.wang", "c07.li", "c07.wang"]


def test_a_server_that_is_away_is_no_failure_for_good(phones: Phones) -> None:
    nobody = Client(phones.account.__class__("127.0.0.1", 1, False, "a", "b", 1), Tokens())
    assert nobody.send("c07.wang", CARD).verdict is Verdict.LATER


def test_a_code_says_who_it_is_once(phones: Phones) -> None:
    code = phones.standin.api.code_for("c07.wang")
    assert phones.client().user_of(code) == "c07.wang"
    with pytest.raises(Refused, match="40029"):
        phones.client().user_of(code)


@pytest.mark.parametrize(
    "name", ["40014-invalid-token", "42001-expired-with-hint", "45009-rate-limit", "60011-no-privilege", "ok"]
)
def test_real_answers_are_judged_by_their_code(phones: Phones, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    if not SAMPLES.exists():
        pytest.skip("the samples are not here")
    said = json.loads((SAMPLES / f"{name}.json").read_text())

    def answer(_: object, __: str, path: str, *___: object) -> dict[str, object]:
        if path.endswith("gettoken"):
            return {"access_token": "t", "expires_in": 7200}
        if said["errcode"]:
            raise Refused(said["errcode"], said["errmsg"])
        return said  # type: ignore[no-any-return]

    monkeypatch.setattr(Client, "_ask", answer)
    verdict = phones.client().send("c07.wang", CARD).verdict
    assert verdict is {"ok": Verdict.SENT, "60011-no-privilege": Verdict.REFUSED}.get(name, Verdict.LATER)


def test_apprise_hears_no_success_where_there_was_none(phones: Phones) -> None:
    plugin = plugin_for(address(phones.account, ["c07.wang"], "template_card", "http://linli.test/w?m=9"))
    assert isinstance(plugin, NotifyGovWecom)
    phones.fails(45009)
    assert not plugin.notify(title="电瓶车", body="请签收")
    assert plugin.last_outcome.code == "45009"
    assert plugin.notify(title="电瓶车", body="请签收")
    (item,) = phones.inbox()
    assert (item["title"], item["text"], item["url"]) == ("电瓶车", "请签收", "http://linli.test/w?m=9")


def test_an_address_says_everything_and_hides_the_secret(phones: Phones) -> None:
    url = address(phones.account, ["c07.wang", "李 四"], "text", "http://linli.test/w?case=1&m=2")
    plugin = plugin_for(url)
    assert (plugin.account, plugin.targets, plugin.card) == (phones.account, ("c07.wang", "李 四"), "text")
    assert plugin_for(plugin.url()).account == phones.account
    assert phones.account.secret not in plugin.url(privacy=True)
    with pytest.raises(TypeError):
        plugin_for("govwecom://corp:secret@127.0.0.1:1/agent/@a")


def test_long_words_are_cut_between_characters(phones: Phones) -> None:
    phones.client().send("c07.wang", content("textcard", "电" * 200, "车" * 400, "http://linli.test/w"))
    (item,) = phones.inbox()
    assert "\ufffd" not in item["title"] + item["text"]
    assert item["title"].endswith("…")
    assert item["text"].endswith("…")
