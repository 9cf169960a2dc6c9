"""The tables of flows: cases, tasks, and timers of processes."""

from django.db import models
from django.db.models import Q

from guantong.base.ids import new_id
from guantong.flows.task import ACTIVE, STATES


class Case(models.Model):
    """One matter on its way through a process (案件)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    realm = models.TextField()
    number = models.TextField()
    package = models.TextField()
    process = models.TextField()
    matter = models.TextField()
    division_code = models.CharField(max_length=12)
    level = models.TextField(default="none")
    state = models.TextField(default="open")
    outcome = models.TextField(default="")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    # The tokens as bpmn.State writes them, and the variables of the process.
    tokens = models.JSONField(default=dict)
    data = models.JSONField(default=dict)
    # What the case waits for without anybody's task: its tasks, or a change of its level.
    awaits = models.TextField(default="")
    # The release of the package by which it goes on to its end; empty in a store from before.
    release = models.TextField(default="", db_default="")
    # The release from which it went over to that one; empty where it never did.
    came_from = models.TextField(default="", db_default="")
    # The case it came of, where whoever entered it named one.
    follows_id = models.UUIDField(null=True)

    class Meta:
        db_table = "flows_case"
        constraints = [
            models.UniqueConstraint(name="one_case_of_a_number", fields=["realm", "number"]),
            models.CheckConstraint(name="case_state", condition=Q(state__in=["open", "closed"])),
            # One open case of a matter (promise P4), true under concurrency.
            models.UniqueConstraint(
                name="one_open_case_of_a_matter",
                fields=["realm", "package", "process", "matter"],
                condition=Q(state="open"),
            ),
        ]
        indexes = [
            models.Index(name="case_of_area", fields=["realm", "division_code", "id"]),
            models.Index(
                name="case_that_follows", fields=["follows_id"], condition=~Q(follows_id=None)
            ),
        ]


class Task(models.Model):
    """One holder's duty in a case, with a limit (任务)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    realm = models.TextField()
    # What the task is, whoever holds it: the same duty of a case is never given out twice.
    key = models.TextField()
    case_id = models.UUIDField()
    package = models.TextField()
    # The release by whose forms it was done, where its case has gone over to another since.
    release = models.TextField(null=True)
    kind = models.TextField()  # step of the process | item of a plan
    item = models.TextField()  # the step's element id, or the plan item's id
    title = models.TextField()  # message key of the package
    token = models.IntegerField(null=True)
    plan = models.TextField(default="")
    level = models.TextField(default="none")
    division_code = models.CharField(max_length=12)
    line = models.TextField(default="")
    # Who holds it, by id and by the name the unit had then (promise P11), and its two parents.
    unit_id = models.UUIDField()
    unit_name = models.TextField()
    unit_name_en = models.TextField()
    superior_id = models.UUIDField(null=True)
    coordinating_id = models.UUIDField(null=True)
    verifier_id = models.UUIDField(null=True)
    subject_id = models.UUIDField(null=True)
    # After whose word it is struck off: "complete", "verify" or "return".
    closes = models.TextField(default="verify")
    state = models.TextField(default="dispatched")
    finder_id = models.UUIDField(null=True)
    # Who opened the case by hand, where that bars them from this task (promise P2).
    opener_id = models.UUIDField(null=True)
    doer_id = models.UUIDField(null=True)
    accepter_id = models.UUIDField(null=True)
    answers = models.JSONField(default=dict)
    reason = models.TextField(default="")
    sent_back_times = models.SmallIntegerField(default=0)
    # How often what was reported done did not stand up to verification.
    rejected_times = models.SmallIntegerField(default=0, db_default=0)
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    fed_back_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    limit_at = models.DateTimeField()
    supervised_at = models.DateTimeField(null=True)
    # Its holder was told that the limit is near; told again when another unit holds it. When that
    # is due is found by an index of its own (migration 0005).
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "flows_task"
        constraints = [
            models.CheckConstraint(name="task_state", condition=Q(state__in=STATES)),
            models.CheckConstraint(name="task_kind", condition=Q(kind__in=["step", "plan"])),
            models.UniqueConstraint(name="one_task_of_a_key", fields=["realm", "key"]),
            # Promise P2 in the store itself: whoever did the work never accepts it.
            models.CheckConstraint(
                name="doer_never_accepts",
                condition=Q(accepter_id=None)
                | Q(doer_id=None)
                | ~Q(accepter_id=models.F("doer_id")),
            ),
            models.CheckConstraint(
                name="opener_neither_does_nor_accepts",
                condition=Q(opener_id=None)
                | (Q(doer_id=None) | ~Q(doer_id=models.F("opener_id")))
                & (Q(accepter_id=None) | ~Q(accepter_id=models.F("opener_id"))),
            ),
        ]
        indexes = [
            models.Index(name="task_of_case", fields=["case_id", "state"]),
            models.Index(name="task_of_area", fields=["realm", "division_code", "id"]),
            models.Index(
                name="task_of_unit", fields=["unit_id", "limit_at"], condition=Q(state__in=ACTIVE)
            ),
            models.Index(
                name="task_to_verify",
                fields=["verifier_id", "completed_at"],
                condition=Q(state="completed"),
            ),
            models.Index(
                name="task_to_arbitrate", fields=["superior_id"], condition=Q(state="sent_back")
            ),
            models.Index(name="task_of_doer", fields=["doer_id", "limit_at"]),
            models.Index(
                name="task_limit",
                fields=["realm", "limit_at"],
                condition=Q(state__in=ACTIVE, supervised_at=None),
            ),
        ]


class Timer(models.Model):
    """A timer of a process: when it is due, its token goes on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    realm = models.TextField()
    case_id = models.UUIDField()
    token = models.IntegerField()
    element = models.TextField()
    due_at = models.DateTimeField()
    state = models.TextField(default="waiting")
    # One that could not go off is tried again after a pause, for ever: no timer is ever dropped.
    attempts = models.SmallIntegerField(default=0, db_default=0)
    fault = models.TextField(default="", db_default="")
    # By the machine's clock.
    try_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "flows_timer"
        indexes = [
            models.Index(name="timer_due", fields=["realm", "due_at"], condition=Q(state="waiting"))
        ]


class CaseMove(models.Model):
    """One running case that may go over to another release of its package, and what came of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    realm = models.TextField()
    case_id = models.UUIDField()
    package = models.TextField()
    process = models.TextField()
    # The releases it leaves and goes to.
    was = models.TextField()
    becomes = models.TextField()
    state = models.TextField(default="waiting")
    # Why it stays, and because of which step.
    why = models.TextField(default="")
    place = models.TextField(default="")
    # The steps at which it stood, and at which it stands since.
    from_places = models.TextField(default="")
    to_places = models.TextField(default="")
    attempts = models.SmallIntegerField(default=0)
    # The code of the refusal that it met last, with what fills its sentence.
    fault = models.TextField(default="")
    fault_facts = models.JSONField(default=dict)
    # By the machine's clock.
    try_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "flows_case_move"
        constraints = [
            models.CheckConstraint(
                name="case_move_state",
                condition=Q(state__in=["waiting", "moved", "stays", "ended", "overtaken"]),
            ),
            # Whether a case goes over to a release is decided once.
            models.UniqueConstraint(name="one_move_of_a_case", fields=["case_id", "becomes"]),
        ]
        indexes = [
            models.Index(name="move_that_waits", fields=["id"], condition=Q(state="waiting")),
            models.Index(name="move_to_release", fields=["package", "becomes"]),
        ]
