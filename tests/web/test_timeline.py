"""The record of a case as people read it: each event a sentence, with what somebody wrote."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import DUTY_OFFICER, ENFORCEMENT, NOON, PROPERTY, WANG

from domain import events
from domain.cases import Ending, Pause, PauseKind, Request, RequestKind
from domain.events import Event
from domain.matters import Audience, Tier
from domain.people import BY_RULE, Actor
from store.case_pages import Told
from web.reader import Reader
from web.timeline import lines

UNITS = {PROPERTY: "双阳物业服务处", ENFORCEMENT: "综合行政执法队"}
TONIGHT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)  # 18:00 in Shanghai
MORE_TIME = Request(kind=RequestKind.EXTENSION, reason="要等配件", by=WANG.ref, hours=3)
LATER = Request(kind=RequestKind.DEFERRAL, reason="下雨", by=WANG.ref, until=TONIGHT)
VOID = Request(kind=RequestKind.VOID, reason="重复立案", by=WANG.ref)
RETURN = {"unit": PROPERTY, "owner": ENFORCEMENT, "ground": "权责清单第 3 条"}


def read(event: Event, actor: Actor = WANG, language: str = "zh") -> tuple[str, str]:
    told = Told(version=1, at=NOON, actor=actor.id, actor_name=actor.name, transport="console", event=event)
    [line] = lines((told,), Reader(language, ZoneInfo("Asia/Shanghai"), NOON), UNITS)
    return line.what, line.note


@pytest.mark.parametrize(
    ("event", "said", "note"),
    [
        (
            events.Returned(by=WANG.ref, **RETURN),
            "退单：不属于双阳物业服务处，应由综合行政执法队负责，依据：权责清单第 3 条",
            "",
        ),
        (events.ReturnRuled(granted=True, **RETURN), "同意退单，由综合行政执法队负责", ""),
        (
            events.ReturnRuled(granted=False, note="楼内归物业", **RETURN),
            "不同意退单，仍由双阳物业服务处负责",
            "楼内归物业",
        ),
        (events.Requested(request=MORE_TIME), "申请延期 3 小时", "要等配件"),
        (events.Requested(request=LATER), "申请缓办到今天 18:00", "下雨"),
        (events.RequestRuled(granted=True, request=VOID, note="同意"), "同意作废", "同意"),
        (events.RequestRuled(granted=False, request=MORE_TIME, note="先处置"), "不同意延期 3 小时", "先处置"),
        (
            events.Paused(pause=Pause(kind=PauseKind.FOR_REPORTER, until=TONIGHT, reason="哪一部电梯？")),
            "暂停计时：等诉求人答复，到今天 18:00",
            "哪一部电梯？",
        ),
        (events.Resumed(kind=PauseKind.FOR_REPORTER, note="南边那部"), "恢复办理，时限继续走", "南边那部"),
        (
            events.ContactLogged(kind="call-back", whom="张阿姨", reached=False, note="没人接"),
            "回访诉求人（张阿姨），没有打通",
            "没人接",
        ),
        (events.Signed(by=WANG.ref, spoken_to="李师傅"), "已打电话通知并代为签收，接电话的是李师傅", ""),
        (
            events.Handled(by=WANG.ref, outcome="solved", to_inspection=True, spoken_to="李师傅"),
            "李师傅在电话里答复处置结果：已解决",
            "",
        ),
        (
            events.Dispatched(unit=PROPERTY, ground="precedent", by_phone=True),
            "派遣给双阳物业服务处（按以往退单裁定），要打电话通知",
            "",
        ),
        (events.Closed(ending=Ending.SOLVED, reply="门已修好"), "结案：已解决", "门已修好"),
        (events.Reopened(reason="又坏了", to="assigned"), "重办，交回原单位", "又坏了"),
        (events.Rated(stars=2, solved=False, text="还在漏"), "诉求人评价：2 星，问题没有解决", "还在漏"),
        (events.Rated(stars=5), "诉求人评价：5 星", ""),
        (events.TierRaised(to=Tier.BRAIN, why="third-return"), "升级到街道城运中心", "第三次退单，由街道城运中心裁定"),
        (events.TierRaised(to=Tier.GRID, why="物业解决不了"), "升级到网格工作站", "物业解决不了"),
        (events.SentDown(to=Tier.COMMITTEE, reason="居委可以办"), "下派到居委微平台", "居委可以办"),
        (events.Supervised(note="今天要有结果"), "列为督办", "今天要有结果"),
        (events.Replanned(calendar="working-days", version="2027.1"), "工作日历换成 2027.1 版，时限已重新计算", ""),
    ],
)
def test_what_happened_is_said_in_words(event: Event, said: str, note: str) -> None:
    assert read(event) == (said, note)


def test_what_the_clock_raised_has_no_words_of_anybody() -> None:
    assert read(events.TierRaised(to=Tier.BRAIN, why="stage:3:2"), BY_RULE) == ("升级到街道城运中心", "")


def test_an_emergency_that_nobody_signed_is_told_again() -> None:
    again = events.Pressed(notice="repeat:3:2", clock="stage", to=Audience.HOLDER, due=TONIGHT, urgency=2)
    assert read(again, BY_RULE)[0] == "紧急案件还没有签收，已再次催办"


def test_english_readers_read_english() -> None:
    assert read(events.RequestRuled(granted=True, request=MORE_TIME), DUTY_OFFICER, "en")[0] == (
        "Granted: Extension of 3 h"
    )


def test_a_refusal_says_until_when_in_the_readers_words() -> None:
    reader = Reader("zh", ZoneInfo("Asia/Shanghai"), NOON)
    as_refused = {"until": TONIGHT - timedelta(hours=8)}
    as_kept = {"until": as_refused["until"].isoformat()}
    for params in (as_refused, as_kept):
        assert reader.refusal("return-window-over", params).startswith("退单期限是 今天 10:00，已经过了")
    assert "请在 今天 14:20 后再试" in reader.refusal("account-locked", {"until": "今天 14:20"})
