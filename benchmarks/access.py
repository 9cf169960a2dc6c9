"""Decisions per second: pages, lists and refusals, by the rules alone and with the store asked.

    .venv/bin/python benchmarks/access.py

Prints one line of JSON. Nothing of an installation is touched: no store is opened, so what is
measured is the decision itself; what it asks of the store is counted by
``tests/kernel/access/test_access_service.py``.
"""

import json
import os
import platform
import time
from collections.abc import Callable
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guantong.main.settings")

import django

django.setup()

from guantong.access.api import Actor, Grant, PackageRole, PostHeld, Thing, explain  # noqa: E402
from guantong.access.question import Question  # noqa: E402
from guantong.access.rules import decide  # noqa: E402
from guantong.orgs.api import Role  # noqa: E402

SECONDS = 1.0
WENLING, CANGNAN, VILLAGE = "331081000000", "330327000000", "331081105229"


def post(number: int, line: str | None, place: str, code: str = "duty") -> PostHeld:
    """Return a post of one unit."""
    return PostHeld(
        unit_id=UUID(int=number), unit_code="x", line=line, tier="county", division_code=place,
        post_code=code,
    )  # fmt: skip


def per_second(ask: Callable[[], object]) -> int:
    """Return how often a second a question is answered."""
    until, count, start = time.perf_counter() + SECONDS, 0, time.perf_counter()
    while time.perf_counter() < until:
        for _ in range(200):
            ask()
        count += 200
    return round(count / (time.perf_counter() - start))


def main() -> None:
    """Measure and print."""
    one = Actor(account="a", person_id=UUID(int=1), name="a", posts=(post(1, "water", WENLING),))
    many = Actor(
        account="a", person_id=UUID(int=1), name="a",
        posts=tuple(post(n, "water" if n % 2 else None, WENLING) for n in range(1, 9)),
    )  # fmt: skip
    role = PackageRole(
        id="p.r", package="p", title="t", held_by=(Role("water", "county"),),
        grants=(Grant(act="read", kind="object", clear=frozenset({"L3"})),),
    )  # fmt: skip
    case = Thing(kind="case", division_code=WENLING, lines=("emergency",))
    family = Thing(kind="object", division_code=VILLAGE, package="p", type="p.household")
    far = Thing(kind="case", division_code=CANGNAN, lines=("emergency",))
    asked = Question(actor=many, act="read", thing=family, realm="live", roles=(role,))
    print(
        json.dumps(
            {
                "page": per_second(lambda: decide(one, "read", case, realm="live")),
                "page_of_eight_posts": per_second(lambda: decide(many, "read", case, realm="live")),
                "object_with_role": per_second(
                    lambda: decide(one, "read", family, realm="live", roles=(role,))
                ),
                "list": per_second(lambda: decide(one, "read", Thing(kind="task"), realm="live")),
                "refused": per_second(lambda: decide(one, "read", far, realm="live")),
                "explained": per_second(lambda: explain(asked)),
                "python": platform.python_version(),
            }
        )
    )


if __name__ == "__main__":
    main()
