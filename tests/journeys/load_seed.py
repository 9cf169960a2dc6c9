"""Cases whose timers go off while the crash test runs: a command, run in the test's installation.

``python -m tests.journeys.load_seed CASES FIRST EVERY`` opens cases of an earlier day in the live
realm and brings each to where it waits three hours; the first wait ends FIRST seconds from now,
the next ones EVERY seconds after each other. Everything is done by the verbs that people use.
"""

import sys
from datetime import datetime, timedelta
from uuid import UUID

from guantong.main import store

WAIT = timedelta(hours=3)  # observe_timer of county_response.bpmn


def main(cases: int, first: float, every: float) -> None:
    """Open the cases and bring them on."""
    with store.running():
        from guantong.base import clock
        from guantong.base.installation import installation_id
        from guantong.main import upgrade, wiring
        from guantong.orgs.api import divisions, found_province

        now = clock.machine_now()
        upgrade.bring_up_to_date(at=now)
        installation_id(at=now)
        # Shortly after midnight the first wait began yesterday: somebody must have answered then.
        found_province(on=clock.local_day(now) - timedelta(days=1))
        store.make_ready()
        wiring.install_packages()
        # Small counties first: their plans are short. The places of the acting people stay out.
        places = [d.code for d in divisions(tier="county") if d.code[:4] in ("3325", "3311")]
        for n in range(cases):
            ends = now + timedelta(seconds=first + n * every)
            bring(places[n % len(places)], f"EARLIER{n}", ends - WAIT)


def bring(county: str, matter: str, at: datetime) -> None:
    """Open one case at ``at`` and bring it through its steps to where it watches the place."""
    from guantong.base.realm import LIVE
    from guantong.flows import api as flows

    case = flows.open_case(
        LIVE, package="flood_response", process="county_response", matter=f"{matter}/{county}",
        division_code=county, level="blue", at=at,
        data={"alert_level": "blue", "alert_over": False, "matter": matter},
    )  # fmt: skip
    answers: dict[str, dict[str, object]] = {
        "advise": {"advice": "a"}, "control": {"measures": "m"},
        "propose": {"response_level": "blue", "grounds": "g"}, "approve": {"approved": "yes"},
        "brief_city": {"situation": "s"},
    }  # fmt: skip
    for item, given in answers.items():
        do(case, item, given, at)
    settle(case, at)
    flows.change_level(LIVE, case, level="none", over=True, at=at)


def do(case: UUID, item: str, answers: dict[str, object], at: datetime) -> None:
    """Let somebody of the holding unit accept a step and report it done, if it is open."""
    from guantong.base.realm import LIVE
    from guantong.flows import api as flows
    from guantong.flows.models import Task

    for task in Task.objects.filter(case_id=case, item=item, state__in=flows.ACTIVE):
        who = {task.id: somebody(task.unit_id, {task.finder_id})}
        flows.accept(LIVE, who, at=at)
        assert flows.complete(LIVE, who, at=at, answers=answers) == [task.id], item


def settle(case: UUID, at: datetime) -> None:
    """Let every task of a plan be accepted, done and verified."""
    from guantong.base.realm import LIVE
    from guantong.flows import api as flows
    from guantong.flows.models import Task

    tasks = list(Task.objects.filter(case_id=case, kind="plan", state__in=flows.ACTIVE))
    doers = {t.id: somebody(t.unit_id, {t.finder_id}) for t in tasks}
    flows.accept(LIVE, doers, at=at)
    flows.complete(LIVE, doers, at=at)
    verifiers = {
        t.id: somebody(t.verifier_id, {t.finder_id, doers[t.id]}) for t in tasks if t.verifier_id
    }
    flows.verify(LIVE, verifiers, at=at)


def somebody(unit_id: UUID, without: set[UUID | None]) -> UUID | None:
    """Return a person of a unit who is none of ``without``."""
    from guantong.base import clock
    from guantong.flows.api import choose
    from guantong.orgs.api import people_of_unit

    today = clock.local_day(clock.machine_now())
    return choose([p.id for p in people_of_unit(unit_id, on=today)], without=without)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
