"""The first start of a real province: no printed passwords, and one person who lets in the others.

Whoever has a shell on the machine names the first administrator of the platform, once; from then on
people appoint and invite each other on pages. The accounts of a demonstration are closed here, too.
"""

from datetime import datetime

from django.db import connection, transaction

from guantong.access.account import close_account, invite
from guantong.access.errors import FirstAdministratorThere, NotFounded
from guantong.access.models import OFFICIAL, User
from guantong.access.organisation import ADMINISTRATOR_LINE, ADMINISTRATOR_POST
from guantong.base.clock import local_day
from guantong.orgs import api as orgs

# The province's bureau whose head administers the platform (``access.organisation``).
UNIT = f"{ADMINISTRATOR_LINE}@33"
USERNAME = "administrator"


def first_administrator(name: str, *, at: datetime, actor: str) -> tuple[str, str]:
    """Appoint the first administrator; return the account's name and its activation code.

    Refused once an administrator has an account that works. Repeated before the code was used, it
    gives a new code; another name then takes the place of the first.
    """
    on = local_day(at)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 9))", [UNIT])
        unit = orgs.unit_by_code(UNIT, on=on)
        if unit is None:
            raise NotFounded(code=UNIT, on=on)
        heads = [
            p for p in orgs.people_of_unit(unit.id, on=on) if p.post_code == ADMINISTRATOR_POST
        ]
        accounts = User.objects.filter(person_id__in=[p.id for p in heads], kind=OFFICIAL)
        if accounts.filter(is_active=True, activated_at__isnull=False).exists():
            raise FirstAdministratorThere
        person = next((p.id for p in heads if p.name == name.strip()), None)
        if person is None:
            # The founded book fills each post with an invented name; this one is real.
            for user in accounts:
                close_account(user, because="left", at=at, actor=actor)
            for head in heads:
                orgs.leave_office(head.id, on=on, at=at, actor=actor)
            number = f"ADMIN-{at:%Y%m%d%H%M%S%f}"
            person = orgs.new_person(number, name, at=at, actor=actor)
            orgs.appoint(
                person, unit_id=unit.id, post_code=ADMINISTRATOR_POST, on=on, at=at, actor=actor
            )
        code = invite(person, username=USERNAME, language="zh-CN", at=at, actor=actor)
        return User.objects.get(person_id=person, kind=OFFICIAL).username, code


def printed_accounts() -> int:
    """Return how many accounts anybody opens with a password that is printed on a screen."""
    return User.objects.filter(printed_password=True, is_active=True).count()


def close_printed_accounts(*, at: datetime, actor: str) -> int:
    """Close every account with a printed password; return how many were open."""
    users = list(User.objects.filter(printed_password=True, is_active=True))
    for user in users:
        close_account(user, because="disabled", at=at, actor=actor)
    return len(users)
