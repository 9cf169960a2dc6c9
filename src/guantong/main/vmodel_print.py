"""``guantong apps vmodel``: the models of a package on the command line, in words or as JSON."""

import json
from collections.abc import Iterator
from pathlib import Path

from guantong.base.words import say
from guantong.main.errors import PackageHasErrors
from guantong.packages.api import (
    Demand,
    counted,
    demand_list,
    examine,
    models_of,
    plain,
    read,
)
from guantong.portal.vmodel_tables import way_text
from guantong.portal.vmodel_words import VModelWords


def lines(path: Path, *, language: str, as_json: bool) -> Iterator[str]:
    """Yield what is to be printed; a package with errors is refused, as by its installation."""
    package = read(path)
    errors = sum(f.level == "error" for f in examine(package, province=None))
    if errors:
        raise PackageHasErrors(id=package.id, errors=errors, path=package.folder)
    found = models_of(package)
    if found is None:
        yield json.dumps(None) if as_json else say("cli.vmodel.none", language, package=package.id)
        return
    demands = demand_list(found.model, found.known, {})
    if as_json:
        yield json.dumps(plain(package.id, found, demands), ensure_ascii=False)
        return
    words = VModelWords(package=package, models=found, language=language)
    yield words.say(
        "vmodel.complete", specified=found.completeness.specified, leaves=found.completeness.leaves
    )
    yield from _goals(words)
    yield from _tasks(words)
    yield from _cooperation(words)
    yield from _demands(words, demands)


def _heading(words: VModelWords, key: str) -> Iterator[str]:
    yield ""
    yield words.say(f"vmodel.{key}")


def _goals(words: VModelWords) -> Iterator[str]:
    yield from _heading(words, "station.goals")
    for goal in words.models.model.goals:
        title = words.package.say(goal.title, words.language)
        yield f"  {title}: {goal.indicator}, {words.target(goal)}"


def _tasks(words: VModelWords) -> Iterator[str]:
    yield from _heading(words, "station.units")
    lacking = words.models.completeness.lacking
    for task in words.models.model.tasks:
        yield f"  {words.package.say(task.title, words.language)}"
        for unit in task.units:
            carriers = words.say("vmodel.comma").join(map(words.carrier_with_kind, unit.done_by))
            yield (
                f"    {words.unit(unit.id)}: {words.role(unit.role)}, {words.length(unit.limit)};"
                f" {carriers}"
            )
            for one in (one for one in lacking if one.unit == unit.id):
                yield f"      {words.say(f'vmodel.lack.{one.lack}', what=one.what)}"


def _cooperation(words: VModelWords) -> Iterator[str]:
    yield from _heading(words, "show.cooperation")
    for one in words.models.cooperation.hand_overs:
        crossed = [words.say(f"vmodel.crosses.{name}") for name in one.crosses]
        ways = [way_text(words, way) for way in one.ways]
        facts = words.say("vmodel.comma").join([*ways, *crossed])
        yield f"  {words.unit(one.giver)} → {words.unit(one.taker)}: {facts}"


def _demands(words: VModelWords, demands: tuple[Demand, ...]) -> Iterator[str]:
    yield from _heading(words, "show.demand")
    for state, count in counted(demands).items():
        if count:
            yield f"  {words.state(state)}: {count}"
            for one in (one for one in demands if one.state == state):
                yield f"    {one.dataset} ({words.fields(one)}): {words.unit(one.unit)}"
