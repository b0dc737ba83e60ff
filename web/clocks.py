"""A clock is a sentence: 还剩 2 小时 10 分，今天 16:30 前."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from web.i18n import N_

Say = Callable[[str], str]
_MINUTE = timedelta(minutes=1)


def span(length: timedelta, say: Say) -> str:
    """A length of time in at most two units, rounded down to minutes."""
    minutes = int(length / _MINUTE)
    if minutes < 1:
        return say(N_("不到 1 分钟"))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        shape = N_("{days} 天 {hours} 小时") if hours else N_("{days} 天")
    elif hours:
        shape = N_("{hours} 小时 {minutes} 分") if rest else N_("{hours} 小时")
    else:
        shape = N_("{minutes} 分钟")
    return say(shape).format(days=days, hours=hours, minutes=rest)


def moment(instant: datetime, now: datetime, zone: tzinfo, say: Say) -> str:
    """When, as people say it: the day only where it is not today."""
    local, today = instant.astimezone(zone), now.astimezone(zone).date()
    away = (local.date() - today).days
    day = {
        0: N_("今天 {time}"),
        1: N_("明天 {time}"),
        -1: N_("昨天 {time}"),
    }.get(away, N_("{month}月{day}日 {time}") if local.year == today.year else N_("{year}年{month}月{day}日 {time}"))
    return say(day).format(time=f"{local:%H:%M}", month=local.month, day=local.day, year=local.year)


def remaining(due: datetime, now: datetime, zone: tzinfo, say: Say) -> str:
    until = moment(due, now, zone, say)
    if now <= due:
        return say(N_("还剩 {span}，{until} 前")).format(span=span(due - now, say), until=until)
    return say(N_("已超 {span}，应在{until} 前")).format(span=span(now - due, say), until=until)
