"""Areas set values of parameters and take them back; the SQL of packages asks what is in force.

One transaction each, with its leaf. In an exercise the values are those of the day on which it was
started, like its organisation: an old storm meets the thresholds of today, and a replay that
is continued tomorrow comes to the same end.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction

from guantong.base.clock import local_day, organisation_day
from guantong.base.errors import NotFound
from guantong.base.realm import Realm
from guantong.data.api import ByArea, Parameter
from guantong.orgs.api import is_code
from guantong.packages.errors import UnknownArea, UnknownParameter
from guantong.packages.life import parameter as rules
from guantong.packages.life import said
from guantong.packages.life.models import ParameterValue
from guantong.packages.life.parameter import Declared, Setting
from guantong.packages.life.trail import leave
from guantong.packages.package import Package


def parameters_of(package: Package) -> dict[str, Declared]:
    """Return the parameters a package declares, by name."""
    document = package.one("parameters")
    return rules.declared(document.data if document is not None else None)


def declared_parameter(package: Package, name: str) -> Declared:
    """Return one parameter of a package, or refuse its name."""
    known = parameters_of(package)
    if name not in known:
        raise UnknownParameter(parameter=name[:60], package=package.id, known=", ".join(known))
    return known[name]


def settings_of(package: str, parameter: str | None = None) -> list[Setting]:
    """Return everything that areas have ever set, the newest word first."""
    rows = ParameterValue.objects.filter(package=package).order_by("-at", "-id")
    if parameter is not None:
        rows = rows.filter(parameter=parameter)
    return [_setting(row) for row in rows]


def setting(id: UUID) -> tuple[str, Setting] | None:
    """Return one setting with the package it belongs to."""
    row = ParameterValue.objects.filter(id=id).first()
    return None if row is None else (row.package, _setting(row))


def set_value(
    package: Package,
    name: str,
    division_code: str,
    text: str,
    *,
    from_day: date,
    to_day: date | None = None,
    why: str,
    by: str,
    at: datetime,
) -> UUID:
    """Let a value hold in an area from a day on; the same word said twice is kept once.

    ``by`` is who says so, as the log names people. Values of the area said before are not
    touched: they hold before that day, and again when this one ends.
    """
    value = declared_parameter(package, name).number(text)
    said.refuse_span(from_day, to_day, today=local_day(at))
    because = said.reason(why)
    if not is_code(division_code):
        raise UnknownArea(area=division_code[:20])
    with transaction.atomic():
        _one_at_a_time(package.id)
        before = ParameterValue.objects.filter(
            package=package.id, parameter=name, division_code=division_code
        )
        last = before.order_by("-at", "-id").first()
        same = last is not None and last.ended_at is None and (
            (last.value, last.from_day, last.to_day) == (value, from_day, to_day)
        )  # fmt: skip
        if last is not None and same:
            return last.id
        made = ParameterValue.objects.create(
            package=package.id, parameter=name, division_code=division_code, value=value,
            from_day=from_day, to_day=to_day, why=because, by=by, at=at,
        )  # fmt: skip
        leave("parameter", "set", made.id, at=at, actor=by)
        return made.id


def end_value(id: UUID, *, why: str, by: str, at: datetime) -> None:
    """Take a setting back from today on; one that has not begun never will."""
    because = said.reason(why)
    today = local_day(at)
    with transaction.atomic():
        row = ParameterValue.objects.select_for_update().filter(id=id).first()
        if row is None or (row.to_day is not None and row.to_day <= max(today, row.from_day)):
            raise NotFound(what="parameter")
        end_row(row, why=because, by=by, at=at)


def end_row(row: ParameterValue, *, why: str, by: str, at: datetime) -> None:
    """End a setting in the running transaction, from today on."""
    row.to_day = said.end_of(_setting(row), today=local_day(at))
    row.ended_at, row.ended_by, row.ended_why = at, by, why
    row.save(update_fields=["to_day", "ended_at", "ended_by", "ended_why"])
    leave("parameter", "end", row.id, at=at, actor=by)


def values_of(package: Package) -> Callable[[Realm, datetime], Mapping[str, Parameter]]:
    """Return who answers which values of a package are in force in a realm at a time."""
    known = parameters_of(package)

    def values(realm: Realm, at: datetime) -> Mapping[str, Parameter]:
        day = organisation_day(realm, at)
        settings = settings_of(package.id)
        return {
            name: _by_area(parameter, [s for s in settings if s.parameter == name], day)
            for name, parameter in known.items()
        }

    return values


def _by_area(known: Declared, settings: list[Setting], day: date) -> ByArea:
    whole = int if known.type == "integer" else float
    areas = {a: whole(value) for a, value in rules.areas_in_force(settings, day).items()}
    # What has no area of its own is asked for the whole province.
    province = next((value for area, value in areas.items() if len(area) == 2), known.default)
    return ByArea(everywhere=province, areas=areas)


def _one_at_a_time(package: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"parameters {package}"]
        )


def _setting(row: ParameterValue) -> Setting:
    return Setting(
        id=row.id, parameter=row.parameter, division_code=row.division_code, value=row.value,
        from_day=row.from_day, to_day=row.to_day, at=row.at, why=row.why, by=row.by,
        ended_at=row.ended_at, ended_by=row.ended_by, ended_why=row.ended_why,
    )  # fmt: skip
