"""Named times of day (`hours` of a ruleset): night, school hours, the market's days off."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from domain.calendars import Calendar, works
from rules.schema import HoursForm
from rules.views import moment

PREFIX = "hours."  # `hours.night` in conditions, facts and templates
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """From `begins` up to `ends`, in minutes of the local day; past midnight where it ends earlier.

    `days`: all, those that are worked, or those of rest. What passes midnight belongs to the day on which it begins.
    """

    ref: str
    begins: int
    ends: int
    days: str
    zone: ZoneInfo
    calendar: Calendar

    def holds(self, at: int) -> bool:
        """Whether it is that time at `at` (microseconds since the epoch)."""
        local = moment(at).astimezone(self.zone)
        minute, day = local.hour * 60 + local.minute, local.date()
        if self.begins < self.ends:
            return self.begins <= minute < self.ends and self._counts(day)
        if minute >= self.begins:
            return self._counts(day)
        return minute < self.ends and self._counts(day - _DAY)

    def _counts(self, day: date) -> bool:
        return self.days == "all" or works(self.calendar, day) == (self.days == "working")


def hours_of(name: str, form: HoursForm, zone: ZoneInfo, calendar: Calendar) -> Hours:
    return Hours(f"{PREFIX}{name}", _minute(form.from_), _minute(form.to), form.days, zone, calendar)


def _minute(clock: str) -> int:
    hour, minute = map(int, clock.split(":"))
    return hour * 60 + minute
