"""Every fault a ruleset can have, by its code: what it is called, why it matters, and whether it keeps a version back.

Each has a page with a bad and a good example: `docs/rulesets/lint/<code>.md`.
"""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """A warning is shown, and does not keep a version from becoming active."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Code:
    """`title` names the fault, `why` says in one sentence what it would do to people."""

    code: str
    title: str
    why: str
    severity: Severity = Severity.ERROR


_ALL = (
    Code(
        "not-plain",
        "不是纯数据",
        "规则集只能是一份普通的清单，引用、重复的键和过深的嵌套会让人读到的与系统读到的不一样。",
    ),
    Code("invalid", "写法不对", "系统读不懂这一处，只好整份不用。"),
    Code("unknown-name", "没有这个名字", "名字写错一个字母，条件就永远不成立。"),
    Code("unit-mismatch", "单位不一致", "三十厘米和三十米差一百倍，系统不会替您换算。"),
    Code("below-category", "低于类别要求", "类别目录是法规和本市规定的底线，规则集只能更严，不能更松。"),
    Code("template", "模板写法不对", "模板出错时，案件只有规则集的名字，没有人知道发生了什么。"),
    Code("template-variable", "模板里没有这个变量", "写错的变量在案件里是一片空白。"),
    Code("engine-limit", "超出规则引擎的容量", "一份规则集里的比较太多，引擎装不下。"),
    Code("gap", "有情况没有规则管", "有一种情况哪条规则都不管，发生了也不会有人知道。"),
    Code("unreachable", "永远轮不到的规则", "这条规则写了等于没写：它管的情况，前面的规则都先管了，或者根本不会发生。"),
    Code(
        "overlap",
        "较轻的规则先于较重的",
        "两条规则同时成立时先写的算数，要紧的事可能被当成不要紧的办。",
        Severity.WARNING,
    ),
    Code("hysteresis", "开始与结束的条件矛盾", "同一个数既算开始又算结束，告警要么起不来，要么停不下。"),
    Code("escalation-loop", "升级阶梯绕圈", "同一级通知两遍，或者越升越低，到时没有更高的人来管。"),
    Code("deadline-order", "时限先后颠倒", "一步的时限比全程还长，或先到的提醒写在后面，时钟就对不上。"),
    Code("key-too-wide", "归并范围太大", "感知按社区分开计算，比社区更大的范围算不全。"),
    Code("residents-words", "带走居民的原话", "居民写的话只属于那一件诉求，带进别的案件，不相干的人就看到了。"),
    Code("storm", "可能一条信息一件案", "设备一旦失灵，每条信息都立一件案，值班台会被淹没。"),
    Code("closes-too-much", "一台恢复，全部结案", "一台设备恢复正常，会把同一范围里别的设备的案件也一起结掉。"),
    Code("too-short", "比等待迟到的时间还短", "信息允许迟到这么久，比它更短的时间判断不准。"),
    Code("too-many", "计数超过能记住的件数", "系统每组只记这么多次，更大的数永远达不到。"),
    Code("twice", "编号重复", "两条规则同一个编号，解释和统计就分不清是哪一条。"),
    Code("unused", "写了没用到", "没有人读它，多半是名字改了一处，忘了另一处。"),
    Code("untested", "规则没有测试", "没有一次命中、一次不命中的测试，改坏了也没有人发现。"),
    Code("test-fails", "测试没通过", "规则集做的和作者想的不一样。"),
)
CODES = {code.code: code for code in _ALL}


def severity_of(code: str) -> Severity:
    """How grave a fault is; one that is not in the table keeps a version back."""
    known = CODES.get(code)
    return known.severity if known else Severity.ERROR
