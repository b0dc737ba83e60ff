"""Why a command may not happen and what to do now, in the reader's words. Codes: docs/lifecycle.md."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from web.i18n import N_

Say = Callable[[str], str]
Label = Callable[[str, str], str]
Moment = Callable[[datetime], str]
SENTENCES = {
    "not-permitted": N_("“{command}”不由您的岗位办理。如需办理，请联系承办单位的联络员或派遣员。"),
    "already-signed": N_("已由{by}签收，不用再签。请看下方最新进展。"),
    "already-closed": N_("案件已结案，不能再办理。如问题没有解决，请联系值班长重办。"),
    "wrong-stage": N_("案件现在是“{stage}”，不能“{command}”。请看下方最新进展后再办。"),
    "already-received": N_("案件已经受理过了，不用重复。"),
    "not-yet-received": N_("案件正在生成，请过几秒刷新再试。"),
    "evidence-missing": N_("还缺：{needs}。请补上后再提交。"),
    "number-missing": N_("没有取到案件编号，请稍后再点一次“立案”。"),
    "catalogue-changed": N_("刚才有人导入了另一个版本。请看清新的不同，再确认一次。"),
    "no-such-unit": N_("没有这个单位。请在列表中重新选择。"),
    "no-such-person": N_("没有这个人员，或其不承担处置工作。请在列表中重新选择。"),
    "not-of-that-unit": N_("{person}不属于所选单位。请选择该单位的人员，或改选单位。"),
    "already-arrived": N_("已经到场打卡，不用重复。请继续提交处置结果。"),
    "other-place": N_("扫到的二维码不在案件地点。请到案件地点扫码，或填写说明后打卡。"),
    "too-far": N_("定位离案件地点 {metres} 米，超过 {limit} 米。请走近后再试，或填写说明后打卡。"),
    "place-unproven": N_("没有收到二维码或定位。请扫现场二维码、打开定位，或填写说明。"),
    "sign-first": N_("还没有签收。请先点“签收”，再提交处置结果。"),
    "not-arrived": N_("这类案件要先到场打卡。请先点“到场打卡”，再提交处置结果。"),
    "unknown-outcome": N_("处置结果要从这些中选：{allowed}。"),
    "duty-officer-declines": N_("居民诉求由值班长决定不予立案。请写明情况，交值班长办理。"),
    "no-such-case": N_("没有找到这件主件，或不在您负责的区域。请检查编号后再关联。"),
    "linked-to-itself": N_("不能关联到案件自己。请另选一件主件。"),
    "already-linked": N_("本件已经关联到主件，不用再关联。请看下方最新进展。"),
    "main-is-linked": N_("{number} 自己已并入别的案件。请关联到它的主件。"),
    "spoken-to-missing": N_("这个单位由值班电话联系。请填写电话里是谁接的、谁答复的。"),
    "not-returnable": N_("这类案件不能退单。确实不归本单位，请联系派遣员改派。"),
    "return-window-over": N_("退单期限是 {until}，已经过了。确实不归本单位，请联系派遣员改派。"),
    "return-awaits-ruling": N_("本件已经退单，正等裁定；裁定前仍由本单位负责，请继续办理。"),
    "returned-to-itself": N_("退单要写明应由哪个单位负责，不能填本单位。请另选单位。"),
    "ground-missing": N_("请写明退单依据，例如权责清单的条目。"),
    "nothing-returned": N_("没有等待裁定的退单，可能已经裁定。请看下方最新进展。"),
    "request-awaits-ruling": N_("已有一项申请等待审批。请等审批结果，或联系值班长。"),
    "extensions-used-up": N_("已经延期 {most} 次，不能再延。请抓紧办理，或申请缓办。"),
    "too-late-to-extend": N_("已经超期，不能再申请延期。请抓紧办理，并向值班长说明情况。"),
    "suspended-before": N_("每件案件只能挂账一次。请继续办理，或申请缓办。"),
    "pause-too-long": N_("日期要晚于现在，并在 {days} 天以内。请重新选日期。"),
    "nothing-requested": N_("没有等待审批的申请，可能已经批过。请看下方最新进展。"),
    "own-request": N_("这是您自己提的申请，不能由您审批。请由另一位值班长或督办人员审批。"),
    "pause-is-past": N_("申请暂停到的日期已经过了。请驳回，让承办单位重新申请。"),
    "already-paused": N_("案件正在暂停，时限没有走。如要这样办，请先恢复办理。"),
    "not-paused": N_("案件没有暂停，不用恢复。请继续办理。"),
    "no-reporter": N_("本件不是居民反映的，没有诉求人可等。请改选“等其他单位”。"),
    "reply-missing": N_("还没有给诉求人的答复。请写清办了什么、结果怎样，再结案。"),
    "reopen-window-over": N_("重办期限是 {until}，已经过了。问题还在的话，请重新反映一次。"),
    "newer-case-open": N_("同一问题已有新案件 {number} 正在办。请到那件案件里办理。"),
    "children-open": N_("同一事件的子案件 {numbers} 还没有结案。请等它们结案后，再结本件。"),
    "not-a-party": N_("这个单位不是本件的会办单位。请从列表里选。"),
    "joint-answered": N_("{by}已经填过会办结果。要补充请留言。"),
    "already-rated": N_("已经评价过了，每次办结评价一次。如问题没有解决，请申请重办。"),
    "already-supervised": N_("本件已在督办，不用重复。"),
    "top-tier": N_("案件已在街道城运中心，上面没有层级了。请在这里继续办理。"),
    "bottom-tier": N_("案件已在居委，下面没有层级了。请在这里继续办理。"),
    "handler-cannot-inspect": N_("您处置过这起案件，不能由您核查。请由其他核查员核查。"),
    "idempotency-conflict": N_("这张表单已经提交过别的内容。请刷新页面，看清最新进展后再提交。"),
    "unknown-command": N_("没有这项操作。请刷新页面后再试。"),
    "temporal-unavailable": N_("流程服务暂时中断，这次操作没有生效。填写的内容还在，请过一分钟再点一次。"),
    "store-unavailable": N_("数据服务暂时中断，这次操作可能没有生效。填写的内容还在，请过一分钟再点一次。"),
    "still-working": N_("已收到，正在处理。请过几秒再点一次查看结果，不会重复提交。"),
    "photo-unreadable": N_("“{field}”读不出来。请用 JPEG、PNG 或 WebP 照片重新上传。"),
    "photo-too-large": N_("照片太大，一张不超过 {limit_mb} MB。请压缩或重新拍摄后上传。"),
    "body-too-large": N_("提交的内容太长，不超过 1 MB。请缩短后再提交。"),
    "field-missing": N_("请填写“{field}”。"),
    "field-invalid": N_("“{field}”填写不对：{reason}。请改正后再提交。"),
    "evidence-unknown": N_("附件不属于这起案件。请重新上传后再提交。"),
    "key-missing": N_("缺少 Idempotency-Key。请在请求头中带上一个 UUID，重试时用同一个。"),
    "csrf": N_("没有认出这次提交来自本系统页面。请刷新页面后再提交；脚本请带上 X-CSRF-Token。"),
    "session-ended": N_("登录已过期，填写的内容还在。请重新登录后再提交。"),
    "credentials-wrong": N_("用户名或密码不对。请检查后再试，忘记密码请找系统管理员。"),
    "account-locked": N_("在这里输错 5 次，账号已锁定，别处不受影响。请在 {until} 后再试，忘记密码请找系统管理员。"),
    "account-slowed": N_("这个账号近来被多处试错密码，没登录过的设备要到 {until} 才能再试一次。请用登录过的设备。"),
    "page-not-yours": N_("这个页面不对您的岗位开放。如需使用，请联系系统管理员。"),
    "link-one-case": N_("您从一次性链接进来，只能查看和办理那一件案件。要办别的，请用账号登录。"),
    "link-used": N_("这个链接已经用过或过期了。请打开最新的一条短信，或联系派单的人重新发送。"),
    "login-round-over": N_("这次登录已经失效。请回到消息，重新点一次。"),
    "login-unknown": N_("政务微信没有说明您是谁，或您在本系统没有账号。请用账号登录，或联系系统管理员。"),
    "login-unavailable": N_("政务微信暂时连不上。请稍后再点一次，或用账号登录。"),
    "not-found": N_("没有找到，或不在您负责的区域。请检查编号，或回到列表。"),
    "method-not-allowed": N_("这个地址不支持这种请求方式。"),
    "intake-unavailable": N_("暂时存不下来，什么都没有收。请稍后原样再发一次。"),
    "too-many-pages": N_("同时打开的页面太多，这一页改为每 10 秒更新一次。关掉不用的页面就好。"),
    "nothing-said": N_("请写一句哪里有什么问题，或点一个常见问题。"),
    "text-too-long": N_("“{field}”太长了，最多 {most} 个字。请缩短后再发。"),
    "phone-wrong": N_("“{field}”不像电话号码。请填手机号，或区号加座机号；不想留就空着。"),
    "place-missing": N_("还不知道在哪里。请在列表里选小区，或打开定位。"),
    "place-not-yours": N_("“{place}”不在您负责的区域。请选您区域里的位置；别处的事可用“替人报”交给受理员。"),
    "place-nowhere": N_("定位不在任何小区附近。请从列表里选位置。"),
    "category-missing": N_("请选一个类别。"),
    "place-unknown": N_("没有找到这个位置。请在列表里重新选小区，或选“列表里没有”。"),
    "too-many-photos": N_("照片最多 {most} 张。请去掉几张再发。"),
    "field-must-be-empty": N_("“{field}”这一栏请空着不填，清空后再发一次。"),
    "form-unknown": N_("这张表单打开太久或不完整。填写的内容还在，请再发一次。"),
    "form-used": N_("这张表单已经报过一件事。要报的是另一件，请再点一次发送。"),
    "matter-over": N_("那件事刚刚办完或已合并，不能再关注。请把您遇到的情况直接报上来。"),
    "report-not-kept": N_("暂时收不进来，什么都没有存下。填写的内容还在，请过一分钟再发一次。"),
    "too-many-reports": N_("这个网络 {minutes} 分钟内报得太多了。填写的内容还在，请稍后再发，急事请打电话。"),
    "too-many-nearby": N_("这个网络查得太多了，请 {minutes} 分钟后再查。不查也可以直接上报。"),
    "too-many-answers": N_("这件事 {minutes} 分钟内说得太多了。填写的内容还在，请稍后再发，急事请打电话。"),
    "too-many-links": N_("这个网络试了太多次打不开的链接，请 {minutes} 分钟后再试。"),
    "not-for-you-to-call": N_("号码只给要打电话的人看：受理员、值班长和承办人。请找他们联系。"),
    "moved-on": N_("这件事刚有新的进展，所以没有收下。请看上面最新的情况，还需要的话再提。"),
    "rated-before": N_("您已经评价过了，谢谢。"),
    "too-late-here": N_("已过 {until}，不能在这里再提。问题还在的话，请重新反映一次。"),
    "same-still-open": N_("同一件事已经有人在办，不用再提。"),
    "answer-not-kept": N_("暂时存不下来。您写的还在，请过一分钟再点一次。"),
    "link-unknown": N_("没有找到。请检查链接是否完整，或打电话问居委会。"),
    "shift-overlaps": N_("{person}在 {starts} 到 {ends} 已经有班，和这一班重叠。请改时间，或先移除那一班。"),
    "shift-ends-first": N_("下班要晚于上班。请重新选时间。"),
    "shift-gone": N_("没有这一班，可能已经移除。请看最新的值班表。"),
    "handover-gone": N_("没有这条交班记录。请看最新的值班日志。"),
    "handover-own": N_("自己的交班要由接班人确认。请让接班人登录后确认。"),
    "handover-taken": N_("已由{by}接班，不用再确认。"),
    "version-unknown": N_("没有这个版本。请回到规则集，从版本列表里选。"),
    "not-sound": N_("这个版本还有 {faults} 个问题，不能启用。请打开它，改好检查出的问题和没通过的测试。"),
    "asked-already": N_("这个版本已经提交了申请，正等另一个人审批。请先等结果，或撤回申请。"),
    "nothing-asked": N_("这个版本没有等待审批的申请，可能已经批过或撤回。请看最新的记录。"),
    "approved-already": N_("已经批准过了，将在 {until} 启用。"),
    "own-version": N_("这个版本是您写的，要由另一位规则编写人批准。"),
    "own-asking": N_("这是您自己提的申请，要由另一位规则编写人来批准或驳回；不想要了可以撤回。"),
    "not-the-asker": N_("这项申请不是您提的，不能撤回。不同意的话请驳回。"),
    "active-already": N_("这个版本正在使用。要换回以前的版本请点“退回上一版”，不再用了请停用。"),
    "there-already": N_("这个版本已经在这个阶段了，不用再申请。"),
    "stage-not-asked": N_("只能申请试运行、小范围试点或启用。请重新选择。"),
    "areas-missing": N_("小范围试点要选在哪些地方试。请至少选一个区域。"),
    "areas-not-asked": N_("只有小范围试点才选区域。请去掉区域，或改选小范围试点。"),
    "area-unknown": N_("没有“{area}”这个区域。请在列表里重新选。"),
    "start-is-past": N_("启用时间要晚于现在。请重新选时间，或留空表示批准后马上启用。"),
    "start-too-far": N_("启用时间最晚在一年以内。请重新选时间，或留空表示批准后马上启用。"),
    "retired-already": N_("这个版本已经停用，不用再停。"),
    "nothing-before": N_("以前没有用过别的版本，没有可以退回的。不想用了请停用。"),
    "active-is-another": N_("正在使用的版本刚刚换过了。请刷新页面，看清后再退回。"),
    "not-approved": N_("还没有人批准，不能启用。"),
    "too-early": N_("还没有到启用时间 {until}。"),
    "ruleset-invalid": N_("规则有 {faults} 处不对，存不成版本：{first}"),
    "ruleset-is-another": N_("里面写的编号是“{found}”，和这个规则集“{expected}”不一样。请改成一样的。"),
    "changed-elsewhere": N_("这份规则在另一个窗口里又改过。请刷新页面，在最新的内容上接着改。"),
    "rule-field-wrong": N_("没有保存：{reason}。请改正标红的一栏。"),
    "rule-part-needed": N_("没有删掉：{reason}。"),
    "ruleset-too-slow": N_("这份规则算得太久，已经停下。请看看模板里的循环，或拆成两份规则。"),
    "too-many-backtests": N_("您有 {most} 次试算还没有算完。请等其中一次完成，或取消不要的。"),
    "workbench-busy": N_("检查规则的人太多，请过几秒再试。"),
    "workbench-replaced": N_("您后来又改了，正在检查新的内容。"),
    "signal-unknown": N_("没有这条感知信息，或不在您负责的区域。请检查编号，或按设备和时间查。"),
    "version-there-already": N_("内容和已有的一个版本一模一样，不用再提交。"),
    "ruleset-id-wrong": N_("编号只能用小写字母、数字和短横线，以字母开头，最多 60 个字符，例如 river-level。"),
    "ruleset-id-taken": N_("编号“{name}”已经有人用了。请换一个，或去改那份规则。"),
    "bad-request": N_("请求的格式不对，请检查后再发。"),
    "internal": N_("系统出错了，已经记录。请稍后再试，仍不行请联系系统管理员。"),
}


def sentence(code: str, params: Mapping[str, Any], say: Say, label: Label, moment: Moment = str) -> str:
    """The refusal as a sentence; a code without one is named, never hidden."""
    if code not in SENTENCES:
        return say(N_("现在不能这样办理（{code}）。请刷新页面后再试。")).format(code=code)
    shown = _Shown({key: _shown(key, value, say, label) for key, value in params.items()})
    if until := _instant(params.get("until")):
        shown["until"] = moment(until)
    return say(SENTENCES[code]).format_map(shown)


class _Shown(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


_KINDS = {"stage": "stage", "command": "command", "field": "field", "needs": "evidence", "allowed": "outcome"}


def _instant(value: Any) -> datetime | None:
    """An instant as it was refused, or as JSON keeps it; None where it is in words already."""
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None


def _shown(key: str, value: Any, say: Say, label: Label) -> str:
    if isinstance(value, list | tuple):
        return say(N_("、")).join(_shown(key, one, say, label) for one in value)
    return label(_KINDS[key], str(value)) if key in _KINDS else str(value)
