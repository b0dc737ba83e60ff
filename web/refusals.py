"""Why a command may not happen and what to do now, in the reader's words. Codes: docs/lifecycle.md."""

from collections.abc import Callable, Mapping
from typing import Any

from web.i18n import N_

Say = Callable[[str], str]
Label = Callable[[str, str], str]
SENTENCES = {
    "not-permitted": N_("“{command}”不由您的岗位办理。如需办理，请联系承办单位的联络员或派遣员。"),
    "already-signed": N_("已由{by}签收，不用再签。请看下方最新进展。"),
    "already-closed": N_("案件已结案，不能再办理。如问题没有解决，请联系值班长重办。"),
    "wrong-stage": N_("案件现在是“{stage}”，不能“{command}”。请看下方最新进展后再办。"),
    "already-received": N_("案件已经受理过了，不用重复。"),
    "not-yet-received": N_("案件正在生成，请过几秒刷新再试。"),
    "evidence-missing": N_("还缺：{needs}。请补上后再提交。"),
    "number-missing": N_("没有取到案件编号，请稍后再点一次“立案”。"),
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
    "account-locked": N_("连续输错 5 次，账号已锁定。请在 {until} 后再试，或找系统管理员。"),
    "page-not-yours": N_("这个页面不对您的岗位开放。如需使用，请联系系统管理员。"),
    "not-found": N_("没有找到，或不在您负责的区域。请检查编号，或回到列表。"),
    "method-not-allowed": N_("这个地址不支持这种请求方式。"),
    "intake-unavailable": N_("暂时存不下来，什么都没有收。请稍后原样再发一次。"),
    "bad-request": N_("请求的格式不对，请检查后再发。"),
    "internal": N_("系统出错了，已经记录。请稍后再试，仍不行请联系系统管理员。"),
}


def sentence(code: str, params: Mapping[str, Any], say: Say, label: Label) -> str:
    """The refusal as a sentence; a code without one is named, never hidden."""
    if code not in SENTENCES:
        return say(N_("现在不能这样办理（{code}）。请刷新页面后再试。")).format(code=code)
    shown = _Shown({key: _shown(key, value, say, label) for key, value in params.items()})
    return say(SENTENCES[code]).format_map(shown)


class _Shown(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


_KINDS = {"stage": "stage", "command": "command", "field": "field", "needs": "evidence", "allowed": "outcome"}


def _shown(key: str, value: Any, say: Say, label: Label) -> str:
    if isinstance(value, list | tuple):
        return say(N_("、")).join(_shown(key, one, say, label) for one in value)
    return label(_KINDS[key], str(value)) if key in _KINDS else str(value)
