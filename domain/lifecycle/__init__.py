"""The lifecycle of a case as a decider: `decide` says what happens, `evolve` what it makes of the case."""

from domain.lifecycle.automatic import Step, automatic, ending_by_rule
from domain.lifecycle.clocks import deadline, light, next_due, overall_due, plan_of, stage_due
from domain.lifecycle.context import Context, Main
from domain.lifecycle.decide import decide
from domain.lifecycle.evolve import evolve
from domain.lifecycle.permissions import PERMISSIONS, Who, offered, permits
from domain.lifecycle.planning import planned
from domain.lifecycle.refusal import Refused
from domain.lifecycle.scaling import scaled
from domain.lifecycle.tasks import DESK_TASKS, Task, task_of, tasks_of

__all__ = [
    "DESK_TASKS",
    "PERMISSIONS",
    "Context",
    "Main",
    "Refused",
    "Step",
    "Task",
    "Who",
    "automatic",
    "deadline",
    "decide",
    "ending_by_rule",
    "evolve",
    "light",
    "next_due",
    "offered",
    "overall_due",
    "permits",
    "plan_of",
    "planned",
    "scaled",
    "stage_due",
    "task_of",
    "tasks_of",
]
