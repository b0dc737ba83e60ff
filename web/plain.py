"""How a matter is said to a resident: plain words for its kind, where it is, and until when. No term of the trade."""

from dataclasses import dataclass
from datetime import datetime

from domain.cases import Case, Ending, PauseKind, Stage
from domain.lifecycle import deadline, overall_due
from web.catalogue import category_label
from web.i18n import N_
from web.reader import Reader

OTHER = N_("其他事情")
HOW_FAR = {
    Stage.RECEIVED: N_("已经收到，正在看"),
    Stage.VERIFYING: N_("正在去现场看"),
    Stage.DISPATCHING: N_("正在安排人"),
    Stage.ASSIGNED: N_("已经交给负责的单位"),
    Stage.HANDLING: N_("正在处理"),
    Stage.INSPECTING: N_("处理过了，正在检查"),
    Stage.CLOSING: N_("处理过了，正在给您写答复"),
    Stage.CLOSED: N_("已办结"),
}
ENDED = {
    Ending.SOLVED: N_("已办结，问题解决了。"),
    Ending.EXPLAINED: N_("已办结，情况已经向您说明。"),
    Ending.UNTRUE: N_("已办结。去看过，没有发现您说的情况。"),
    Ending.DECLINED: N_("已办结。这件事不归我们管，原因写在下面。"),
    Ending.VOIDED: N_("已办结。这件事不再办理，原因写在下面。"),
    Ending.LINKED: N_("和另一件相同的事一起办理。"),
}
WAITING = {
    PauseKind.FOR_REPORTER: N_("在等您回答一个问题，请看下面。"),
    PauseKind.FOR_OTHER: N_("在等别的单位，最晚 {until} 继续。"),
    PauseKind.DEFERRAL: N_("因为天气等原因要晚几天，{until} 继续。"),
    PauseKind.SUSPENSION: N_("这件事一时办不了，先记下来，{until} 再看。"),
}


@dataclass(frozen=True)
class Plain:
    """Says things of a case to whoever reads."""

    reader: Reader

    def kind(self, category: str | None) -> str:
        if category is None or category == "resident-request":
            return self.reader.say(OTHER)
        return category_label(category, self.reader.language)

    def how_far(self, stage: str) -> str:
        return self.reader.say(HOW_FAR[Stage(stage)])

    def now(self, case: Case | None) -> str:
        """Where it is, in one sentence; None: just received."""
        if case is None:
            return self.reader.say(HOW_FAR[Stage.RECEIVED])
        if case.ending is not None:
            return self.reader.say(ENDED[case.ending])
        if case.pause is not None:
            return self.reader.say(WAITING[case.pause.kind]).format(until=self.reader.moment(case.pause.until))
        return self.reader.say(HOW_FAR[case.stage])

    def until(self, case: Case | None, look_by: datetime) -> str:
        """What happens next, and by when at the latest."""
        say, moment = self.reader.say, self.reader.moment
        if case is not None and (case.settled or case.pause is not None):
            return ""
        by = look_by if case is None else overall_due(case) or deadline(case) or look_by
        if by < self.reader.now:
            return say(N_("比说好的时间晚了，已经提醒上级来催。"))
        if case is None or case.stage in (Stage.RECEIVED, Stage.VERIFYING):
            return say(N_("接下来：工作人员会看您写的内容，最晚 {until} 安排。")).format(until=moment(by))
        return say(N_("最晚 {until} 办完，有进展就写在这里。")).format(until=moment(by))
