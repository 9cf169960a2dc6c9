"""Faults an analyst makes who writes a package: names, arms of the V, thresholds, stories.

The author of these operators has read what an author of packages reads, and nothing else:
``docs/kernel/packages.md`` with the pages it leads to, the schemas of the kinds, and the package
``flood_response``. The checks of the doctor, their page and their tests were not opened, so a
fault is here because the pages say that something goes wrong, not because a check looks for it.

**Equivalence.** A mutant is left out when nobody could tell it from the package it was made of.
That is decided by rules, never case by case:

1. *Read alike.* What a reader sees is the same: equal values of YAML and JSON, equal canonical
   XML, equal SQL without comments and layout (``operator.mutant``).
2. *Referred to by nothing.* A name is misspelt only where the format says that it refers to
   something, and the wrong name is none of the right ones. A declaration is renamed or dropped
   only where something names it. A need is left out only where its word stands in the SQL, the
   rule or the signal that carries the unit out, and belongs to no other dataset the unit needs. A
   column of SQL is misspelt only where it is read or is promised by the contract, not where it
   is a name the SQL gives and nobody asks for.
3. *Answers alike.* A change of a decision table counts only if it shows on the values between its
   bounds: no rule fits where one did, two fit where one may, a rule is covered by those before
   it. Tables whose cells are more than ``-``, texts, comparisons and ranges are passed over.
4. *Holds as well.* An order is turned, a limit shortened, a target reversed only where the two
   ends differ, the other side (step, ``better``, bound) is declared, and is then contradicted.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, pairwise
from pathlib import PurePosixPath
from typing import Any

from lxml import etree

from benchmarks.doctor_faults.operator import (
    Files,
    Mutant,
    Operator,
    at,
    changed,
    misspelt,
    mutant,
    paths,
    place_of,
    places,
    put,
    read,
    serialised,
    text,
    tree,
    without,
    written,
)

Mutants = Callable[[Files], Iterator[Mutant]]
VMODEL = "vmodel.yaml"
TIERS = ("province", "city", "county", "township", "village")
COLOURS = ("blue", "yellow", "orange", "red")
COVERED = ("flow", "plan", "rule", "signal", "dataset", "indicator")
# 000000 is no province: such a place does not exist, whatever the year of the divisions.
NO_SUCH_PLACE = "000000000000"


# What a package declares --------------------------------------------------------------------


def custom(document: Any) -> dict[str, Any]:
    """Return the custom properties of a contract."""
    return {each["property"]: each["value"] for each in document.get("customProperties", [])}


def custom_keys(document: Any, name: str) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of keys to the value of a custom property."""
    for index, each in enumerate(document.get("customProperties", [])):
        if each["property"] == name:
            yield ("customProperties", index, "value")


def columns(document: Any) -> dict[str, Any]:
    """Return the columns of a contract by name."""
    return {each["name"]: each for each in document["schema"][0]["properties"]}


def contracts(files: Files) -> dict[str, tuple[str, Any]]:
    """Return path and document of each contract of the package, by id."""
    found = {}
    for path in [*paths(files, "datasets/*.yaml"), *paths(files, "objects/*.yaml")]:
        document = read(files, path)
        found[document["id"]] = (path, document)
    return found


def by_id(files: Files, pattern: str) -> dict[str, Any]:
    """Return the documents of one kind by their id."""
    documents = (read(files, path) for path in paths(files, pattern))
    return {document["id"]: document for document in documents}


def named(root: etree._Element, *names: str) -> list[etree._Element]:
    """Return the elements of these local names, in order."""
    return [
        each
        for each in root.iter()
        if isinstance(each.tag, str) and etree.QName(each).localname in names
    ]


def ours(element: etree._Element, name: str) -> str | None:
    """Return the full name of one of our attributes, where the element has it."""
    for key in element.attrib:
        full = etree.QName(str(key))
        if full.localname == name and full.namespace:
            return str(key)
    return None


def our_value(element: etree._Element, name: str) -> str | None:
    """Return the value of one of our attributes."""
    key = ours(element, name)
    return None if key is None else str(element.attrib[key])


def steps(files: Files) -> dict[tuple[str, str], dict[str, str]]:
    """Return role, form and limit of each step of a person, by process and id."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for path in paths(files, "flows/*.bpmn"):
        for task in named(tree(files, path), "userTask"):
            values = {name: our_value(task, name) for name in ("role", "form", "limit", "verifies")}
            found[PurePosixPath(path).stem, str(task.get("id"))] = {
                name: value for name, value in values.items() if value is not None
            }
    return found


def items(files: Files) -> dict[tuple[str, str], dict[str, Any]]:
    """Return each item of each plan, by plan and id."""
    return {
        (plan, item["id"]): item
        for plan, document in by_id(files, "plans/*.yaml").items()
        for item in document["items"]
    }


def carriers(files: Files, unit: Any) -> list[dict[str, Any]]:
    """Return the steps and items that carry a unit of work out."""
    of_flows, of_plans = steps(files), items(files)
    found = []
    for way in unit["done_by"]:
        if (way.get("flow"), way.get("node")) in of_flows:
            found.append(of_flows[way["flow"], way["node"]])
        if (way.get("plan"), way.get("item")) in of_plans:
            found.append(of_plans[way["plan"], way["item"]])
    return found


def units(files: Files) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield keys and value of each unit of work."""
    if VMODEL in files:
        yield from places(read(files, VMODEL), "tasks", "*", "units", "*")


def seconds(duration: str) -> float:
    """Return a duration of ISO 8601 in seconds."""
    sizes = {"W": 604800, "D": 86400, "H": 3600, "M": 60, "S": 1}
    return sum(
        float(number) * sizes[letter]
        for number, letter in re.findall(r"([0-9.]+)([WDHMS])", duration.replace("T", ""))
    )


def messages(files: Files) -> dict[str, dict[str, str]]:
    """Return the words of each language, by path."""
    return {path: read(files, path) for path in paths(files, "messages/*.yaml")}


def ends(files: Files) -> dict[str, list[str]]:
    """Return the ends of each process."""
    return {
        PurePosixPath(path).stem: [
            str(each.get("id")) for each in named(tree(files, path), "endEvent")
        ]
        for path in paths(files, "flows/*.bpmn")
    }


# Tools of many operators ---------------------------------------------------------------------


def unheard(files: Files, name: str) -> str:
    """Return the name misspelt, as a word that stands in no file of the package."""
    heard: list[str] = []
    while True:
        wrong = misspelt(name, known=heard)
        word = re.compile(rf"\b{re.escape(wrong)}\b".encode())
        if not any(word.search(content) for content in files.values()):
            return wrong
        heard.append(wrong)


def wrong_names(glob: str, *patterns: str) -> Mutants:
    """Return an operator that misspells the name at each place of a pattern (``goals/*/id``)."""

    def mutants(files: Files) -> Iterator[Mutant]:
        for path in paths(files, glob):
            document = read(files, path)
            for pattern in patterns:
                for keys, name in places(document, *pattern.split("/")):
                    if isinstance(name, str):
                        wrong = unheard(files, name)
                        place = f"{place_of(keys)}: {name} -> {wrong}"
                        yield from changed(files, path, place, put(document, keys, wrong))

    return mutants


def turned_pairs(glob: str, *patterns: str) -> Mutants:
    """Return an operator that turns the pairs [least, most] at the places that fit."""

    def mutants(files: Files) -> Iterator[Mutant]:
        for path in paths(files, glob):
            document = read(files, path)
            for pattern in patterns:
                for keys, pair in places(document, *pattern.split("/")):
                    if isinstance(pair, list) and len(pair) == 2 and pair[0] < pair[1]:
                        new = put(document, keys, pair[::-1])
                        yield from changed(files, path, f"{place_of(keys)} turned", new)

    return mutants


def joined(*operators: Mutants) -> Mutants:
    """Return an operator that yields the mutants of several."""

    def mutants(files: Files) -> Iterator[Mutant]:
        for each in operators:
            yield from each(files)

    return mutants


def of_elements(
    glob: str,
    names: Sequence[str],
    edit: Callable[[etree._Element, Files, str], str | None],
) -> Mutants:
    """Return an operator that edits each element of these names; the edit says what it did."""

    def mutants(files: Files) -> Iterator[Mutant]:
        for path in paths(files, glob):
            for index in range(len(named(tree(files, path), *names))):
                root = tree(files, path)
                place = edit(named(root, *names)[index], files, path)
                if place is not None:
                    yield from mutant(files, f"{path}: {place}", {path: serialised(root)})

    return mutants


def our_wrong(name: str) -> Callable[[etree._Element, Files, str], str | None]:
    """Return an edit that misspells one of our attributes."""

    def edit(element: etree._Element, files: Files, path: str) -> str | None:
        key = ours(element, name)
        if key is None:
            return None
        element.attrib[key] = unheard(files, str(element.attrib[key]))
        return f"{element.get('id')}: {name} -> {our_value(element, name)}"

    return edit


# app -----------------------------------------------------------------------------------------


def dataset_not_declared(files: Files) -> Iterator[Mutant]:
    """Leave out one dataset of the kernel that some SQL reads."""
    read_by_sql = {
        name for path in files if path.endswith((".sql", ".yaml")) for name in read_in(files, path)
    }
    for path in paths(files, "app.yaml"):
        document = read(files, path)
        for keys, name in places(document, "uses", "datasets", "*"):
            if name in read_by_sql:
                yield from changed(files, path, f"{name} not declared", without(document, keys))


def kernel_of_another_age(files: Files) -> Iterator[Mutant]:
    """Ask for a kernel that no installation runs."""
    for path in paths(files, "app.yaml"):
        new = put(read(files, path), ("kernel",), ">=99,<100")
        yield from changed(files, path, "kernel >=99,<100", new)


# vmodel --------------------------------------------------------------------------------------


def goal_against_better(files: Files) -> Iterator[Mutant]:
    """Reverse a target that runs with ``better`` of its indicator."""
    better = {name: each["better"] for name, each in by_id(files, "indicators/*.yaml").items()}
    right = {"higher": "at_least", "lower": "at_most"}
    wrong = {"higher": "at_most", "lower": "at_least"}
    for path in paths(files, VMODEL):
        document = read(files, path)
        for keys, goal in places(document, "goals", "*"):
            direction = better.get(goal["indicator"])
            if direction and right[direction] in goal["target"]:
                number = goal["target"][right[direction]]
                target = {wrong[direction]: number}
                new = put(document, (*keys, "target"), target)
                yield from changed(files, path, f"goal {goal['id']}: target {target}", new)


def goal_nobody_serves(files: Files) -> Iterator[Mutant]:
    """Take one goal out of what the tasks serve."""
    for path in paths(files, VMODEL):
        document = read(files, path)
        goals = [goal["id"] for goal in document["goals"]]
        for goal in goals:
            others = [each for each in goals if each != goal]
            if not others:
                continue
            new = document
            for keys, serves in places(document, "tasks", "*", "serves"):
                left = [each for each in serves if each != goal]
                new = put(new, keys, left or others[:1])
            yield from changed(files, path, f"goal {goal} served by no task", new)


def goal_by_no_day(files: Files) -> Iterator[Mutant]:
    """Set a goal for a day the calendar does not have."""
    for path in paths(files, VMODEL):
        document = read(files, path)
        for keys, day in places(document, "goals", "*", "by"):
            new = put(document, keys, f"{day[:4]}-02-30")
            yield from changed(files, path, f"{place_of(keys)}: {day[:4]}-02-30", new)


def step_no_unit_carries(files: Files) -> Iterator[Mutant]:
    """Leave out one alternative (with its unit, where it was the only one)."""
    for keys, unit in units(files):
        document = read(files, VMODEL)
        for index, way in enumerate(unit["done_by"]):
            if not set(COVERED) & set(way):
                continue
            if len(unit["done_by"]) > 1:
                new = without(document, (*keys, "done_by", index))
            elif len(at(document, keys[:-1])) > 1:
                new = without(document, keys)
            else:
                continue
            yield from changed(files, VMODEL, f"{way} in no unit of work", new)


def step_in_two_units(files: Files) -> Iterator[Mutant]:
    """Name one alternative in a second unit of work as well."""
    every = list(units(files))
    for index, (_, unit) in enumerate(every):
        others, other = every[(index + 1) % len(every)]
        if len(every) < 2:
            return
        for way in unit["done_by"]:
            if set(COVERED) & set(way) and way not in other["done_by"]:
                new = put(read(files, VMODEL), (*others, "done_by"), [*other["done_by"], way])
                place = f"{way} in {unit['id']} and {other['id']}"
                yield from changed(files, VMODEL, place, new)


def way_that_is_not_there(files: Files) -> Iterator[Mutant]:
    """Misspell what carries a unit out."""
    for keys, unit in units(files):
        document = read(files, VMODEL)
        for index, way in enumerate(unit["done_by"]):
            for key, name in way.items():
                wrong = unheard(files, name)
                new = put(document, (*keys, "done_by", index, key), wrong)
                yield from changed(files, VMODEL, f"unit {unit['id']}: {key} {wrong}", new)


def words_read_by(files: Files, unit: Any) -> dict[str, set[str]]:
    """Return the words that what carries a unit out reads, by dataset."""
    signals = [read(files, path) for path in paths(files, "signals/*.yaml")]
    found: dict[str, set[str]] = {}
    for way in unit["done_by"]:
        stem = str(way.get("dataset", way.get("indicator", ""))).rpartition(".")[2]
        folder = "datasets" if "dataset" in way else "indicators"
        path = f"{folder}/{stem}.sql"
        if stem and path in files:
            words = set(re.findall(r"\w+", masked(text(files, path))))
            for dataset in read_in(files, path):
                found.setdefault(dataset, set()).update(words)
        for signal in signals:
            if way.get("signal") == signal["id"]:
                names = {signal["division"], signal["at"], *signal["same_matter"]}
                names |= set(signal.get("keep", []))
                found.setdefault(signal["on"], set()).update(names)
            if way.get("rule") == signal["rule"] and signal["rule"] in files:
                inputs = named(tree(files, signal["rule"]), "inputExpression")
                names = {"".join(str(part) for part in each.itertext()).strip() for each in inputs}
                found.setdefault(signal["on"], set()).update(names)
    return found


def need_left_out(files: Files) -> Iterator[Mutant]:
    """Leave out one field that the SQL, the rule or the signal of the unit reads."""
    for keys, unit in units(files):
        document, reads = read(files, VMODEL), words_read_by(files, unit)
        for index, need in enumerate(unit["needs"]):
            elsewhere = {
                field
                for other in unit["needs"]
                if other["dataset"] != need["dataset"]
                for field in other["fields"]
            }
            for place, field in enumerate(need["fields"]):
                if field in elsewhere or field not in reads.get(need["dataset"], set()):
                    continue
                if len(need["fields"]) > 1:
                    new = without(document, (*keys, "needs", index, "fields", place))
                else:
                    new = without(document, (*keys, "needs", index))
                said = f"unit {unit['id']}: need of {need['dataset']}.{field} left out"
                yield from changed(files, VMODEL, said, new)


def need_of_no_field(files: Files) -> Iterator[Mutant]:
    """Misspell a needed field, or the dataset it is of."""
    known = {name: list(columns(document)) for name, (_, document) in contracts(files).items()}
    for keys, unit in units(files):
        document = read(files, VMODEL)
        for index, need in enumerate(unit["needs"]):
            wrong = unheard(files, need["dataset"])
            new = put(document, (*keys, "needs", index, "dataset"), wrong)
            yield from changed(files, VMODEL, f"unit {unit['id']}: needs {wrong}", new)
            for place, field in enumerate(need["fields"]):
                others = [*known.get(need["dataset"], []), *need["fields"]]
                wrong = misspelt(field, known=others)
                new = put(document, (*keys, "needs", index, "fields", place), wrong)
                said = f"unit {unit['id']}: needs {need['dataset']}.{wrong}"
                yield from changed(files, VMODEL, said, new)


def need_of_another_line(unit: Any, contract: Any) -> bool:
    """Say whether a unit of work is of another line than the source unit of a contract."""
    source = str(custom(contract).get("sourceUnit", ""))
    return bool(source) and unit["role"].partition("@")[0] != source.partition("@")[0]


def sealed_need(files: Files) -> Iterator[Mutant]:
    """Seal a field (L4) that a unit of another line needs."""
    known = contracts(files)
    for _, unit in units(files):
        for need in unit["needs"]:
            if need["dataset"] not in known:
                continue
            path, contract = known[need["dataset"]]
            for keys, column in places(contract, "schema", "*", "properties", "*"):
                wanted = column["name"] in need["fields"]
                if wanted and need_of_another_line(unit, contract):
                    new = put(contract, (*keys, "classification"), "L4")
                    said = f"{column['name']} sealed, needed by unit {unit['id']}"
                    yield from changed(files, path, said, new)


def need_nobody_shares(files: Files) -> Iterator[Mutant]:
    """Close a dataset (sharing: none) that a unit of another line needs."""
    known = contracts(files)
    for _, unit in units(files):
        for need in unit["needs"]:
            if need["dataset"] not in known:
                continue
            path, contract = known[need["dataset"]]
            for keys in custom_keys(contract, "sharing"):
                if need_of_another_line(unit, contract):
                    said = f"shared with nobody, needed by unit {unit['id']}"
                    yield from changed(files, path, said, put(contract, keys, "none"))


def limit_shorter_than_the_step(files: Files) -> Iterator[Mutant]:
    """Give a unit half the time of the longest step or item that carries it out."""
    for keys, unit in units(files):
        limits = [seconds(each["limit"]) for each in carriers(files, unit) if "limit" in each]
        if limits and seconds(unit["limit"]) >= max(limits):
            half = f"PT{max(1, int(max(limits) // 120))}M"
            new = put(read(files, VMODEL), (*keys, "limit"), half)
            yield from changed(files, VMODEL, f"unit {unit['id']}: limit {half}", new)


def unit_of_another_role(files: Files) -> Iterator[Mutant]:
    """Give a unit to another line of the application than that of its steps and items."""
    lines = [line for path in paths(files, "app.yaml") for line in lines_of(read(files, path))]
    for keys, unit in units(files):
        taken = {unit["role"].partition("@")[0]}
        taken |= {each["role"].partition("@")[0] for each in carriers(files, unit)}
        others = [line for line in lines if line not in taken]
        if others and carriers(files, unit):
            role = f"{others[0]}@{unit['role'].partition('@')[2]}"
            new = put(read(files, VMODEL), (*keys, "role"), role)
            yield from changed(files, VMODEL, f"unit {unit['id']}: role {role}", new)


def lines_of(manifest: Any) -> list[str]:
    """Return the lead line and the supporting lines of an application."""
    return [manifest["lead"].partition("@")[0], *manifest.get("supporting", [])]


def unit_below_its_steps(files: Files) -> Iterator[Mutant]:
    """Give a unit to the tier below that of its steps and items: neither theirs nor superior."""
    for keys, unit in units(files):
        tiers = [each["role"].partition("@")[2] for each in carriers(files, unit)]
        lowest = max((TIERS.index(tier) for tier in tiers if tier in TIERS), default=len(TIERS))
        if lowest + 1 < len(TIERS):
            role = f"{unit['role'].partition('@')[0]}@{TIERS[lowest + 1]}"
            new = put(read(files, VMODEL), (*keys, "role"), role)
            yield from changed(files, VMODEL, f"unit {unit['id']}: role {role}", new)


def basis_without_article(files: Files) -> Iterator[Mutant]:
    """Name the law without its article in one language."""
    cuts = {"zh": r"第[^条]{1,9}条.*$", "en": r"[,;(]?\s*\b[Aa]rt(?:icle|\.)s?\s*[0-9].*$"}
    for keys, unit in units(files):
        for language, cut in cuts.items():
            short = re.sub(cut, "", unit["basis"][language]).strip()
            if short:
                new = put(read(files, VMODEL), (*keys, "basis", language), short)
                said = f"unit {unit['id']}: basis {language} without article"
                yield from changed(files, VMODEL, said, new)


def vmodel_id_twice(files: Files) -> Iterator[Mutant]:
    """Give a goal, a task or a unit of a task the id of the one before it."""
    for path in paths(files, VMODEL):
        document = read(files, path)
        for pattern in (("goals",), ("tasks",), ("tasks", "*", "units")):
            for keys, siblings in places(document, *pattern):
                for index in range(1, len(siblings)):
                    same = siblings[index - 1]["id"]
                    new = put(document, (*keys, index, "id"), same)
                    said = f"{place_of(keys)}: {same} twice"
                    yield from changed(files, path, said, new)


# roles, parameters ---------------------------------------------------------------------------


def clear_away_from_home(files: Files) -> Iterator[Mutant]:
    """Let a role that sees personal fields be held in the province's capital."""
    for path in paths(files, "roles.yaml"):
        document = read(files, path)
        for name, role in document.items():
            if not any(grant.get("clear") for grant in role["may"]):
                continue
            for index, holder in enumerate(role["held_by"]):
                far = f"{holder.partition('@')[0]}@province"
                new = put(document, (name, "held_by", index), far)
                yield from changed(files, path, f"{name} held by {far}, not {holder}", new)


def default_out_of_range(files: Files) -> Iterator[Mutant]:
    """Set a default beyond the greatest value an area may set."""
    for path in paths(files, "parameters.yaml"):
        document = read(files, path)
        for name, parameter in document.items():
            new = put(document, (name, "default"), parameter["range"][1] + 1)
            yield from changed(files, path, f"{name}: default beyond its range", new)


def parameter_nobody_declares(files: Files) -> Iterator[Mutant]:
    """Rename a parameter that some SQL reads."""
    for path in paths(files, "parameters.yaml"):
        document = read(files, path)
        for name in document:
            call = re.compile(rf"parameter\(\s*'{name}'\s*\)")
            if any(call.search(text(files, each)) for each in paths(files, "*.sql")):
                wrong = misspelt(name, known=list(document))
                new = {wrong if key == name else key: each for key, each in document.items()}
                yield from changed(files, path, f"{name} declared as {wrong}", new)


# objects and datasets ------------------------------------------------------------------------


def custom_wrong(glob: str, *names: str) -> Mutants:
    """Return an operator that misspells the columns which custom properties name."""

    def mutants(files: Files) -> Iterator[Mutant]:
        for path in paths(files, glob):
            document = read(files, path)
            known = list(columns(document))
            for name in names:
                for start in custom_keys(document, name):
                    for keys, value in leaves(at(document, start), start):
                        if value in known:
                            wrong = misspelt(value, known=known)
                            new = put(document, keys, wrong)
                            yield from changed(files, path, f"{name}: {value} -> {wrong}", new)

    return mutants


def leaves(
    document: Any, keys: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield keys and value of everything that holds nothing further."""
    if isinstance(document, dict | list):
        pairs = document.items() if isinstance(document, dict) else enumerate(document)
        for key, value in pairs:
            yield from leaves(value, (*keys, key))
    else:
        yield keys, document


def bounds_turned(glob: str, *start: str | int) -> Mutants:
    """Return an operator that swaps the least and the greatest value of a column or field."""
    pairs = (("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems"))

    def mutants(files: Files) -> Iterator[Mutant]:
        for path in paths(files, glob):
            document = read(files, path)
            for keys, bounds in places(document, *start):
                for least, most in pairs:
                    if least in bounds and most in bounds and bounds[least] < bounds[most]:
                        turned = {**bounds, least: bounds[most], most: bounds[least]}
                        said = f"{place_of(keys)}: {least} above {most}"
                        yield from changed(files, path, said, put(document, keys, turned))

    return mutants


def invented_not_said(files: Files) -> Iterator[Mutant]:
    """Leave out that the sample of a contract with personal fields is made up."""
    for path, document in contracts(files).values():
        personal = any(
            each.get("classification") in ("L3", "L4") for each in columns(document).values()
        )
        if personal and custom(document).get("sample"):
            for keys in custom_keys(document, "invented"):
                new = without(document, keys[:-1])
                yield from changed(files, path, "invented left out", new)


def sample_that_is_not_there(files: Files) -> Iterator[Mutant]:
    """Misspell the file of a contract's sample."""
    for path, document in contracts(files).values():
        for keys in custom_keys(document, "sample"):
            wrong = unheard(files, at(document, keys))
            yield from changed(files, path, f"sample {wrong}", put(document, keys, wrong))


def derived_from_left_out(files: Files) -> Iterator[Mutant]:
    """Leave out one dataset which the SQL of a derived dataset reads."""
    for path, document in contracts(files).values():
        for keys in custom_keys(document, "derivedFrom"):
            statement = str(custom(document).get("derivedBy"))
            names = at(document, keys)
            for index, name in enumerate(names):
                if len(names) > 1 and statement in files and name in read_in(files, statement):
                    new = without(document, (*keys, index))
                    yield from changed(files, path, f"derivedFrom without {name}", new)


def wrong_examples(
    files: Files, path: str, document: Any, start: Sequence[str | int]
) -> Iterator[Mutant]:
    """Yield mutants whose examples expect another figure than the SQL answers."""
    for keys, value in places(document, *start, "*", "expect", "*", "*"):
        if isinstance(value, int | float) and not isinstance(value, bool):
            tolerance = at(document, keys[: len(start) + 1]).get("tolerance", {})
            wrong = value + 1 + 10 * tolerance.get(keys[-1], 0)
            said = f"{place_of(keys[-4:])}: {value} -> {wrong}"
            yield from changed(files, path, said, put(document, keys, wrong))


def derived_example_wrong(files: Files) -> Iterator[Mutant]:
    """Expect another number than the derivation answers."""
    for path, document in contracts(files).values():
        for keys in custom_keys(document, "tests"):
            yield from wrong_examples(files, path, document, keys)


def figure_example_wrong(files: Files) -> Iterator[Mutant]:
    """Expect another number than the figure answers."""
    for path in paths(files, "indicators/*.yaml"):
        yield from wrong_examples(files, path, read(files, path), ("tests",))


def source_unit_nobody(files: Files) -> Iterator[Mutant]:
    """Misspell the line of the unit that answers for the data."""
    for path, document in contracts(files).values():
        for keys in custom_keys(document, "sourceUnit"):
            wrong = unheard(files, at(document, keys))
            yield from changed(files, path, f"sourceUnit {wrong}", put(document, keys, wrong))


# SQL -----------------------------------------------------------------------------------------


def masked(statement: str) -> str:
    """Return SQL of the same length in which comments, texts and our places are blank."""

    def blank(found: re.Match[str]) -> str:
        return re.sub(r"\S", " ", found.group())

    return re.sub(r"--[^\n]*|\{\{.*?\}\}|'(?:[^']|'')*'", blank, statement)


def read_in(files: Files, path: str) -> list[str]:
    """Return the datasets that a text names as ``{{ dataset('id') }}``."""
    statement = re.sub(r"--[^\n]*", "", text(files, path))
    return re.findall(r"\{\{\s*dataset\(\s*'([^']+)'\s*\)\s*\}\}", statement)


def outermost(statement: str) -> int:
    """Return where the outermost SELECT of a statement begins."""
    depth, begins, hidden = 0, 0, masked(statement)
    for found in re.finditer(r"[()]|\bselect\b", hidden, re.IGNORECASE):
        depth += {"(": 1, ")": -1}.get(found.group(), 0)
        if depth == 0 and found.group().lower() == "select":
            begins = found.start()
    return begins


def spliced(statement: str, start: int, stop: int, new: str) -> str:
    """Return a text with one part of it replaced."""
    return statement[:start] + new + statement[stop:]


def unknown_columns(glob: str) -> Mutants:
    """Return an operator that misspells a column where SQL reads it."""

    def mutants(files: Files) -> Iterator[Mutant]:
        known = {name: set(columns(each)) for name, (_, each) in contracts(files).items()}
        kernel = {"division_code", "state", "item", "package", "level", "signal", "overdue"}
        for path in paths(files, glob):
            statement = text(files, path)
            words = set(kernel).union(*(known.get(name, set()) for name in read_in(files, path)))
            hidden = masked(statement)
            given = [  # names that `with name(column, ...) as (` gives
                found.span(1) for found in re.finditer(r"\b\w+\s*\(([^()]*)\)\s+as\s*\(", hidden)
            ]
            for found in re.finditer(r"\b[a-z_][a-z0-9_]*\b", hidden):
                name, start = found.group(), found.start()
                is_given = any(first <= start < last for first, last in given)
                is_given |= bool(re.search(r"\bas\s+$", hidden[:start], re.IGNORECASE))
                is_called = hidden[found.end() :].lstrip()[:1] in ("(", ".")
                if name not in words or is_given or is_called:
                    continue
                wrong = misspelt(name, known=sorted(words))
                new = spliced(statement, start, found.end(), wrong).encode("utf-8")
                line = statement.count("\n", 0, start) + 1
                yield from mutant(files, f"{path}: line {line}: {name} -> {wrong}", {path: new})

    return mutants


def promised_column_misnamed(files: Files) -> Iterator[Mutant]:
    """Name a column of the outermost SELECT otherwise than the contract promises."""
    for _, document in contracts(files).values():
        for path in (custom(document).get("derivedBy"), custom(document).get("sample")):
            if not path or not path.endswith(".sql") or path not in files:
                continue
            statement = text(files, path)
            begins, hidden = outermost(statement), masked(statement)
            for name in columns(document):
                for found in re.finditer(rf"\bas\s+({name})\b", hidden):
                    if found.start() > begins:
                        wrong = misspelt(name, known=list(columns(document)))
                        new = spliced(statement, *found.span(1), wrong).encode("utf-8")
                        yield from mutant(files, f"{path}: {name} as {wrong}", {path: new})


def derivation_misnamed(files: Files) -> Iterator[Mutant]:
    """Misname a promised column in a derivation."""
    for each in promised_column_misnamed(files):
        if each.where.startswith("datasets/"):
            yield each


def sample_misnamed(files: Files) -> Iterator[Mutant]:
    """Misname a promised column in the SQL of a sample."""
    for each in promised_column_misnamed(files):
        if each.where.startswith("samples/"):
            yield each


def reads_a_file(files: Files) -> Iterator[Mutant]:
    """Read a file beside the package in place of a dataset."""
    for path in [*paths(files, "datasets/*.sql"), *paths(files, "indicators/*.sql")]:
        statement = text(files, path)
        for found in re.finditer(r"\{\{\s*dataset\([^)]*\)\s*\}\}", statement):
            new = spliced(statement, *found.span(), "read_csv('rows.csv')").encode("utf-8")
            yield from mutant(files, f"{path}: read_csv for {found.group()}", {path: new})


def asks_the_clock(files: Files) -> Iterator[Mutant]:
    """Ask the clock in a condition of a figure."""
    for path in paths(files, "indicators/*.sql"):
        statement = text(files, path)
        for found in re.finditer(r"\bwhere\b", masked(statement)):
            new = spliced(statement, *found.span(), "where now() > timestamptz '2020-01-01' and")
            line = statement.count("\n", 0, found.start()) + 1
            yield from mutant(files, f"{path}: line {line}: now()", {path: new.encode("utf-8")})


def evidence_without_division(files: Files) -> Iterator[Mutant]:
    """Leave the division out of the rows behind a figure."""
    for path in paths(files, "indicators/*.sql"):
        statement = text(files, path)
        begins = re.search(r"\bevidence\s+as\s*\(", masked(statement))
        if begins is None:
            continue
        found = re.compile(r"(?:\w+\.)?division_code\s*,\s*").search(statement, begins.end())
        outer = statement[outermost(statement) :]
        if found and found.start() < outermost(statement) and "division_code" not in outer:
            new = spliced(statement, *found.span(), "").encode("utf-8")
            yield from mutant(files, f"{path}: evidence without division_code", {path: new})


def figure_misnamed(files: Files) -> Iterator[Mutant]:
    """Call the one column of a figure otherwise, or the part that holds its evidence."""
    for path in paths(files, "indicators/*.sql"):
        statement = text(files, path)
        begins = outermost(statement)
        found = re.compile(r"\bas\s+(value)\b").search(masked(statement), begins)
        if found:
            new = spliced(statement, *found.span(1), "figure").encode("utf-8")
            yield from mutant(files, f"{path}: as figure", {path: new})
        if re.search(r"\bevidence\b", masked(statement)):
            new = re.sub(r"\bevidence\b", "proof", statement).encode("utf-8")
            yield from mutant(files, f"{path}: evidence called proof", {path: new})


# rules ---------------------------------------------------------------------------------------

Entry = Callable[[Any], bool]
NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"


def unary(entry: str) -> Entry:
    """Return the test of one cell; ValueError where the cell is more than this author reads."""
    entry = entry.strip()
    if entry in ("-", ""):
        return lambda value: True
    if found := re.fullmatch(rf"(<=|>=|<|>)\s*({NUMBER})", entry):
        sign, bound = found.group(1), float(found.group(2))
        return lambda value: (
            not isinstance(value, str)
            and {
                "<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound
            }[sign]
        )  # fmt: skip
    if found := re.fullmatch(rf"([\[\](])\s*({NUMBER})\s*\.\.\s*({NUMBER})\s*([\])\[])", entry):
        least, most = float(found.group(2)), float(found.group(3))
        with_least, with_most = found.group(1) == "[", found.group(4) == "]"
        return lambda value: (
            not isinstance(value, str)
            and (least < value or (with_least and value == least))
            and (value < most or (with_most and value == most))
        )
    if re.fullmatch(NUMBER, entry):
        return lambda value: value == float(entry)
    if re.fullmatch(r'"[^"]*"(?:\s*,\s*"[^"]*")*', entry):
        words = re.findall(r'"([^"]*)"', entry)
        return lambda value: value in words
    raise ValueError(entry)


class Table:
    """A decision table as this author reads it: which rules fit which values."""

    def __init__(self, element: etree._Element) -> None:
        """Read the table; ValueError where a cell is more than this author reads."""
        self.policy = str(element.get("hitPolicy", "UNIQUE"))
        rules = [each for each in element if local(each) == "rule"]
        cells = [[said(each) for each in rule if local(each) == "inputEntry"] for rule in rules]
        self.outputs = [
            [said(each) for each in rule if local(each) == "outputEntry"] for rule in rules
        ]
        width = len(cells[0]) if cells else 0
        self.fits: list[list[frozenset[int]]] = []  # by column: rules that fit each value
        for column in range(width):
            entries = [row[column] for row in cells]
            tests = [unary(entry) for entry in entries]
            self.fits.append(
                [
                    frozenset(index for index, test in enumerate(tests) if test(value))
                    for value in values_between(entries)
                ]
            )
        self.rules = range(len(rules))

    def leaves_a_gap(self) -> bool:
        """Say whether some values fit no rule."""
        seen: set[tuple[int, frozenset[int]]] = set()

        def escapes(column: int, alive: frozenset[int]) -> bool:
            if not alive:
                return True
            if column == len(self.fits) or (column, alive) in seen:
                return False
            seen.add((column, alive))
            return any(escapes(column + 1, alive & fit) for fit in self.fits[column])

        return escapes(0, frozenset(self.rules))

    def overlaps(self) -> set[tuple[int, int]]:
        """Return the pairs of rules that fit the same values."""
        return {
            (one, other)
            for one, other in combinations(self.rules, 2)
            if all(any({one, other} <= fit for fit in column) for column in self.fits)
        }

    def covered(self) -> set[int]:
        """Return the rules that never answer, as one before them fits whenever they do."""
        return {
            later
            for earlier, later in combinations(self.rules, 2)
            if all(earlier in fit for column in self.fits for fit in column if later in fit)
        }


def values_between(entries: Sequence[str]) -> list[Any]:
    """Return one value on each bound, between each two, beyond the last; and each text."""
    words = sorted({word for entry in entries for word in re.findall(r'"([^"]*)"', entry)})
    plain = [entry for entry in entries if '"' not in entry]
    bounds = sorted({float(number) for entry in plain for number in re.findall(NUMBER, entry)})
    if words:
        return [*words, "another word"]
    if not bounds:
        return [0.0]
    between = [(one + other) / 2 for one, other in pairwise(bounds)]
    return sorted([bounds[0] - 1, *bounds, *between, bounds[-1] + 1])


def local(element: etree._Element) -> str:
    """Return the local name of an element, nothing for a comment."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def said(element: etree._Element) -> str:
    """Return the text within an element."""
    return "".join(str(part) for part in element.itertext()).strip()


def word_of(element: etree._Element) -> etree._Element:
    """Return the element ``text`` within a cell or an expression."""
    return named(element, "text")[0]


def tables(files: Files) -> Iterator[tuple[str, int, Table]]:
    """Yield path, place and reading of each decision table this author can read."""
    for path in paths(files, "rules/*.dmn"):
        for index, element in enumerate(named(tree(files, path), "decisionTable")):
            try:
                yield path, index, Table(element)
            except ValueError:
                continue


def edited_tables(
    files: Files,
    edit: Callable[[etree._Element], Iterator[str]],
    tells: Callable[[Table, Table], bool],
) -> Iterator[Mutant]:
    """Yield the edits of each table that show in its answers.

    The edit changes the element before each ``yield`` and puts it back after it.
    """
    for path, index, before in tables(files):
        root = tree(files, path)
        element = named(root, "decisionTable")[index]
        for place in edit(element):
            try:
                after = Table(element)
            except ValueError:
                continue
            if tells(before, after):
                yield from mutant(files, f"{path}: {place}", {path: serialised(root)})


def rule_taken_out(table: etree._Element) -> Iterator[str]:
    """Take out each rule."""
    for rule in named(table, "rule"):
        index = table.index(rule)
        table.remove(rule)
        yield f"rule {rule.get('id')} taken out"
        table.insert(index, rule)


def bound_shifted(table: etree._Element) -> Iterator[str]:
    """Shift each bound of each cell up and down by a tenth."""
    for entry in named(table, "inputEntry"):
        cell = word_of(entry)
        before = str(cell.text)
        if '"' in before:
            continue
        for found in re.finditer(NUMBER, before):
            step = abs(float(found.group())) / 10 or 1.0
            for shift in (step, -step):
                shifted = f"{float(found.group()) + shift:.6g}"
                cell.text = spliced(before, *found.span(), shifted)
                yield f"{entry.get('id')}: {before} -> {cell.text}"
        cell.text = before


def gap_in_a_table(files: Files) -> Iterator[Mutant]:
    """Open a gap in a table that had none."""

    def tells(before: Table, after: Table) -> bool:
        return after.leaves_a_gap() and not before.leaves_a_gap()

    yield from edited_tables(files, rule_taken_out, tells)
    yield from edited_tables(files, bound_shifted, tells)


def policy_unique(table: etree._Element) -> Iterator[str]:
    """Say that only one rule may fit."""
    before = table.get("hitPolicy")
    table.set("hitPolicy", "UNIQUE")
    yield f"{table.get('id')}: {before} -> UNIQUE"
    if before is None:
        del table.attrib["hitPolicy"]
    else:
        table.set("hitPolicy", before)


def two_rules_fit(files: Files) -> Iterator[Mutant]:
    """Let two rules fit where only one may."""

    def tells(before: Table, after: Table) -> bool:
        was = before.overlaps() if before.policy == "UNIQUE" else set()
        return after.policy == "UNIQUE" and bool(after.overlaps() - was)

    yield from edited_tables(files, policy_unique, tells)
    yield from edited_tables(files, bound_shifted, tells)


def cells_swapped(table: etree._Element) -> Iterator[str]:
    """Swap two cells of one column."""
    rows = [named(rule, "inputEntry") for rule in named(table, "rule")]
    for one, other in combinations(rows, 2):
        for first, second in zip(one, other, strict=True):
            cells = word_of(first), word_of(second)
            words = cells[0].text, cells[1].text
            if words[0] != words[1] and not {"-", None} & set(words):
                cells[0].text, cells[1].text = words[1], words[0]
                yield f"{first.get('id')} and {second.get('id')} swapped"
                cells[0].text, cells[1].text = words


def row_moved_first(table: etree._Element) -> Iterator[str]:
    """Move each row to the top."""
    rules = named(table, "rule")
    for rule in rules[1:]:
        index = table.index(rule)
        rules[0].addprevious(rule)
        yield f"rule {rule.get('id')} moved to the top"
        table.remove(rule)
        table.insert(index, rule)


def rule_never_reached(files: Files) -> Iterator[Mutant]:
    """Put a rule behind one that takes everything it would answer."""

    def tells(before: Table, after: Table) -> bool:
        return after.policy == "FIRST" and len(after.covered()) > len(before.covered())

    yield from edited_tables(files, cells_swapped, tells)
    yield from edited_tables(files, row_moved_first, tells)


def cell_edit(
    find: str, edit: Callable[[str, Files], str | None]
) -> Callable[[etree._Element, Files, str], str | None]:
    """Return an edit of the text in a cell."""

    def change(element: etree._Element, files: Files, path: str) -> str | None:
        cell = word_of(element)
        new = edit(str(cell.text), files)
        if new is None:
            return None
        before, cell.text = cell.text, new
        return f"{find} {element.get('id')}: {before} -> {new}"

    return change


def quoted_number(cell: str, files: Files) -> str | None:
    """Put the number of a comparison into quotes."""
    found = re.search(NUMBER, cell)
    if found is None or '"' in cell or ".." in cell:
        return None
    return spliced(cell, *found.span(), f'"{found.group()}"')


def misspelt_word(cell: str, files: Files) -> str | None:
    """Misspell the one text of a cell."""
    found = re.fullmatch(r'"([^"]+)"', cell.strip())
    return None if found is None else f'"{unheard(files, found.group(1))}"'


def misspelt_input(cell: str, files: Files) -> str | None:
    """Misspell the column a table asks for."""
    return unheard(files, cell.strip()) if re.fullmatch(r"\s*\w+\s*", cell) else None


def input_of_text(element: etree._Element, files: Files, path: str) -> str | None:
    """Call a number that comparisons ask for a text."""
    if element.get("typeRef") != "number":
        return None
    element.set("typeRef", "string")
    return f"input {element.get('id')} of type string"


# signals -------------------------------------------------------------------------------------


def level_left_out(files: Files) -> Iterator[Mutant]:
    """Leave out a level that the rule gives."""
    for path in paths(files, "signals/*.yaml"):
        signal = read(files, path)
        if signal["rule"] not in files:
            continue
        given = {
            said(each).strip('"') for each in named(tree(files, signal["rule"]), "outputEntry")
        }
        for index, level in enumerate(signal["levels"]):
            if level in given and len(signal["levels"]) > 1:
                new = without(signal, ("levels", index))
                yield from changed(files, path, f"levels without {level}", new)


def levels_turned(files: Files) -> Iterator[Mutant]:
    """Let a graver colour stand below a milder one."""
    for path in paths(files, "signals/*.yaml"):
        signal = read(files, path)
        levels = signal["levels"]
        for index in range(1, len(levels)):
            if set(levels[index - 1 : index + 1]) <= set(COLOURS):
                turned = list(levels)
                turned[index - 1 : index + 1] = levels[index], levels[index - 1]
                new = put(signal, ("levels",), turned)
                yield from changed(files, path, f"{levels[index]} below {levels[index - 1]}", new)


def end_compares_with_a_number(files: Files) -> Iterator[Mutant]:
    """Compare the level, a text, with a number in how an alert ends."""
    for path in paths(files, "signals/*.yaml"):
        signal = read(files, path)
        for found in re.finditer(r'"[^"]*"', signal["ends"]["when"]):
            wrong = spliced(signal["ends"]["when"], *found.span(), "0")
            new = put(signal, ("ends", "when"), wrong)
            yield from changed(files, path, f"ends when {wrong}", new)


def feedback_not_taken(files: Files) -> Iterator[Mutant]:
    """Leave out a feedback that a form lets people give."""
    choices = {
        choice
        for form in by_id(files, "forms/*.json").values()
        for _, choice in places(form, "schema", "properties", "*", "enum", "*")
    }
    for path in paths(files, "signals/*.yaml"):
        signal = read(files, path)
        for index, word in enumerate(signal["feedback"]):
            if word in choices and len(signal["feedback"]) > 1:
                new = without(signal, ("feedback", index))
                yield from changed(files, path, f"feedback without {word}", new)


# flows ---------------------------------------------------------------------------------------


def step_nobody_reaches(files: Files) -> Iterator[Mutant]:
    """Lead the only way into a node to an end instead."""
    for path in paths(files, "flows/*.bpmn"):
        ways = named(tree(files, path), "sequenceFlow")
        targets = [str(way.get("targetRef")) for way in ways]
        for index, target in enumerate(targets):
            others = [end for end in ends(files)[PurePosixPath(path).stem] if end != target]
            if targets.count(target) == 1 and others:
                root = tree(files, path)
                named(root, "sequenceFlow")[index].set("targetRef", others[0])
                said_so = f"{path}: {target} reached by nothing"
                yield from mutant(files, said_so, {path: serialised(root)})


def case_that_stops(files: Files) -> Iterator[Mutant]:
    """Leave out the only way on from a node."""
    for path in paths(files, "flows/*.bpmn"):
        ways = named(tree(files, path), "sequenceFlow")
        sources = [str(way.get("sourceRef")) for way in ways]
        for index, source in enumerate(sources):
            if sources.count(source) == 1:
                root = tree(files, path)
                way = named(root, "sequenceFlow")[index]
                drawn = [
                    each
                    for each in named(root, "BPMNEdge")
                    if each.get("bpmnElement") == way.get("id")
                ]
                for element in (way, *drawn):
                    parent = element.getparent()
                    assert parent is not None, "a way out stands within a process"
                    parent.remove(element)
                said_so = f"{path}: no way on from {source}"
                yield from mutant(files, said_so, {path: serialised(root)})


def default_left_out(element: etree._Element, files: Files, path: str) -> str | None:
    """Take the way out that holds when no condition does."""
    if "default" not in element.attrib:
        return None
    del element.attrib["default"]
    return f"gateway {element.get('id')} without default"


def limit_left_out(element: etree._Element, files: Files, path: str) -> str | None:
    """Take the limit of a step."""
    key = ours(element, "limit")
    if key is None:
        return None
    del element.attrib[key]
    return f"{element.get('id')} without limit"


def verifies_itself(element: etree._Element, files: Files, path: str) -> str | None:
    """Let a step accept its own work."""
    key = ours(element, "verifies")
    if key is None:
        return None
    element.attrib[key] = str(element.get("id"))
    return f"{element.get('id')} verifies itself"


def way_id_twice(element: etree._Element, files: Files, path: str) -> str | None:
    """Give a way the id of the way before it."""
    before = element.getprevious()
    while before is not None and local(before) != "sequenceFlow":
        before = before.getprevious()
    if before is None:
        return None
    was = element.get("id")
    element.set("id", str(before.get("id")))
    return f"{was} called {element.get('id')} too"


def condition_edit(
    edit: Callable[[str, Files], str | None],
) -> Callable[[etree._Element, Files, str], str | None]:
    """Return an edit of a condition."""

    def change(element: etree._Element, files: Files, path: str) -> str | None:
        new = edit(str(element.text), files)
        if new is None:
            return None
        before, element.text = element.text, new
        return f"condition {before} -> {new}"

    return change


def unknown_variable(condition: str, files: Files) -> str | None:
    """Misspell the variable a condition begins with."""
    found = re.match(r"\s*([a-z_]+)\b(?!\s*\()", condition)
    if found is None:
        return None
    return spliced(condition, *found.span(1), unheard(files, found.group(1)))


def unheard_of_value(condition: str, files: Files) -> str | None:
    """Misspell the value a condition asks for."""
    found = re.search(r'=\s*"([^"]+)"', condition)
    if found is None:
        return None
    return spliced(condition, *found.span(1), unheard(files, found.group(1)))


def number_for_text(condition: str, files: Files) -> str | None:
    """Compare a text with a number."""
    found = re.search(r'"[^"]*"', condition)
    return None if found is None else spliced(condition, *found.span(), "1")


# plans ---------------------------------------------------------------------------------------


def item_verified_by_doer(files: Files) -> Iterator[Mutant]:
    """Let the role that does an item accept it."""
    for path in paths(files, "plans/*.yaml"):
        document = read(files, path)
        for keys, item in places(document, "items", "*"):
            if "verify" in item:
                new = put(document, (*keys, "verify"), item["role"])
                yield from changed(files, path, f"{item['id']} verified by who does it", new)


def item_nobody_verifies(files: Files) -> Iterator[Mutant]:
    """Leave out who accepts an item of a plan that depends on a level or an object."""
    for path in paths(files, "plans/*.yaml"):
        document = read(files, path)
        for keys, item in places(document, "items", "*"):
            depends = "from_level" in item or "object" in item.get("for_each", {})
            if depends and "verify" in item:
                new = without(document, (*keys, "verify"))
                yield from changed(files, path, f"{item['id']} verified by nobody", new)


def id_twice(glob: str, *pattern: str | int) -> Mutants:
    """Return an operator that gives an item of a list the id of the one before it."""

    def mutants(files: Files) -> Iterator[Mutant]:
        for path in paths(files, glob):
            document = read(files, path)
            for keys, siblings in places(document, *pattern):
                for index in range(1, len(siblings)):
                    new = put(document, (*keys, index, "id"), siblings[index - 1]["id"])
                    said_so = f"{siblings[index - 1]['id']} twice"
                    yield from changed(files, path, said_so, new)

    return mutants


# indicators ----------------------------------------------------------------------------------


def light_turned(files: Files) -> Iterator[Mutant]:
    """Swap the limits of the light, against which way is better."""
    for path in paths(files, "indicators/*.yaml"):
        document = read(files, path)
        light = document.get("light")
        if light and light["green"] != light["yellow"]:
            turned = {"green": light["yellow"], "yellow": light["green"]}
            yield from changed(files, path, "light turned", put(document, ("light",), turned))


def better_turned(files: Files) -> Iterator[Mutant]:
    """Say that the other way is better, against the light or the goal."""
    goals = set()
    if VMODEL in files:
        goals = {goal["indicator"] for goal in read(files, VMODEL)["goals"]}
    for path in paths(files, "indicators/*.yaml"):
        document = read(files, path)
        light = document.get("light", {"green": 0, "yellow": 0})
        if light["green"] != light["yellow"] or document["id"] in goals:
            other = {"higher": "lower", "lower": "higher"}[document["better"]]
            yield from changed(files, path, f"better {other}", put(document, ("better",), other))


def example_of_no_column(files: Files) -> Iterator[Mutant]:
    """Give an example a column that its dataset does not have, for one that the SQL reads."""
    for path in paths(files, "indicators/*.yaml"):
        document = read(files, path)
        statement = path.removesuffix(".yaml") + ".sql"
        if statement not in files:
            continue
        words = set(re.findall(r"\w+", masked(text(files, statement))))
        for keys, row in places(document, "tests", "*", "given", "*", "*"):
            for name in row:
                if name in words:
                    wrong = misspelt(name, known=list(row))
                    renamed = {wrong if key == name else key: each for key, each in row.items()}
                    said_so = f"{place_of(keys)}: {name} -> {wrong}"
                    yield from changed(files, path, said_so, put(document, keys, renamed))


# forms ---------------------------------------------------------------------------------------


def required_not_asked(files: Files) -> Iterator[Mutant]:
    """Leave a required field out of the layout."""
    for path in paths(files, "forms/*.json"):
        form = read(files, path)
        for index, part in enumerate(form["layout"]):
            if part["field"] in form["schema"].get("required", []) and len(form["layout"]) > 1:
                new = without(form, ("layout", index))
                yield from changed(files, path, f"{part['field']} required, not asked", new)


def choice_misspelt(files: Files) -> Iterator[Mutant]:
    """Misspell a choice that has words, or that a condition or an answer asks for."""
    words = {key for each in messages(files).values() for key in each}
    for path in paths(files, "forms/*.json"):
        form = read(files, path)
        for keys, choice in places(form, "schema", "properties", "*", "enum", "*"):
            if isinstance(choice, str) and f"value.{choice}" in words:
                wrong = misspelt(choice, known=at(form, keys[:-1]))
                new = put(form, keys, wrong)
                yield from changed(files, path, f"{keys[2]}: {choice} -> {wrong}", new)


def widget_against_type(files: Files) -> Iterator[Mutant]:
    """Ask for a choice with the widget of numbers, for a number with that of dates."""
    for path in paths(files, "forms/*.json"):
        form = read(files, path)
        for keys, part in places(form, "layout", "*"):
            field = form["schema"]["properties"].get(part["field"], {})
            numeric = field.get("type") in ("number", "integer")
            wrong = "date" if numeric else "number"
            if field.get("type") in ("string", "number", "integer", "array"):
                new = put(form, (*keys, "widget"), wrong)
                yield from changed(files, path, f"{part['field']} asked as {wrong}", new)


def file_without_bounds(files: Files) -> Iterator[Mutant]:
    """Let a field of files take any number, or any kind, or any size."""
    for path in paths(files, "forms/*.json"):
        form = read(files, path)
        for keys, field in places(form, "schema", "properties", "*"):
            if field.get("items", {}).get("format") != "file":
                continue
            for bound in (("maxItems",), ("items", "maxLength"), ("items", "anyOf")):
                if any(True for _ in places(field, *bound)):
                    new = without(form, (*keys, *bound))
                    yield from changed(files, path, f"{keys[-1]} without {bound[-1]}", new)


# pages ---------------------------------------------------------------------------------------


def page_shows_sealed_field(files: Files) -> Iterator[Mutant]:
    """Seal a field (L4, opened by no role) that a page counts or draws."""
    known = contracts(files)
    for path in paths(files, "pages/*.yaml"):
        page = read(files, path)
        track = page.get("map", {}).get("track", {})
        shown = [(page.get("object"), page.get("people"))]
        shown += [(track.get("dataset"), name) for key, name in track.items() if key != "dataset"]
        for dataset, name in shown:
            if dataset not in known:
                continue
            place, contract = known[dataset]
            for keys, column in places(contract, "schema", "*", "properties", "*"):
                if column["name"] == name:
                    new = put(contract, (*keys, "classification"), "L4")
                    yield from changed(files, place, f"{name} sealed, shown by {path}", new)


def headcount_of_a_text(files: Files) -> Iterator[Mutant]:
    """Count people by a column that holds no number, or by one of personal data."""
    known = contracts(files)
    for path in paths(files, "pages/*.yaml"):
        page = read(files, path)
        if page.get("object") not in known or "people" not in page:
            continue
        for name, column in columns(known[page["object"]][1]).items():
            numeric = column["logicalType"] in ("integer", "number")
            if not numeric or column.get("classification") in ("L3", "L4"):
                new = put(page, ("people",), name)
                yield from changed(files, path, f"people: {name}", new)


# messages ------------------------------------------------------------------------------------


def word_of_one_language(files: Files) -> Iterator[Mutant]:
    """Delete a word in one language."""
    for path, words in messages(files).items():
        for key in words:
            yield from changed(files, path, f"{key} deleted", without(words, (key,)))


def word_of_no_language(files: Files) -> Iterator[Mutant]:
    """Delete a word in every language: of a step, or that some file asks for."""
    asked = {f"node.{node}" for _, node in steps(files)}
    for path in files:
        if path.endswith((".yaml", ".json")) and not path.startswith("messages/"):
            asked |= {value for _, value in leaves(read(files, path)) if isinstance(value, str)}
    every = messages(files)
    for key in sorted({key for words in every.values() for key in words} & asked):
        changes: dict[str, bytes | None] = {
            path: written(path, without(words, (key,)))
            for path, words in every.items()
            if key in words
        }
        yield from mutant(files, f"messages: {key} deleted everywhere", changes)


def place_misspelt(files: Files) -> Iterator[Mutant]:
    """Misspell a ``{place}`` in one language."""
    for path, words in messages(files).items():
        for key, sentence in words.items():
            for found in re.finditer(r"\{([a-z_]+)\}", sentence):
                wrong = misspelt(found.group(1))
                new = put(words, (key,), spliced(sentence, *found.span(1), wrong))
                yield from changed(files, path, f"{key}: {{{wrong}}}", new)


def key_of_no_word(files: Files) -> Iterator[Mutant]:
    """Misspell the key of a word where a file asks for it."""
    known = {key for words in messages(files).values() for key in words}
    for path in sorted(files):
        if not path.endswith((".yaml", ".json")) or path.startswith("messages/"):
            continue
        document = read(files, path)
        for keys, value in leaves(document):
            if isinstance(value, str) and "." in value and value in known:
                wrong = misspelt(value, known=sorted(known))
                new = put(document, keys, wrong)
                yield from changed(files, path, f"{place_of(keys)}: {wrong}", new)


# samples -------------------------------------------------------------------------------------


def csv_samples(files: Files) -> Iterator[tuple[str, Any, list[list[str]], dict[int, str], int]]:
    """Yield path, contract, rows of cells, our column by index, and the first row of data."""
    known = contracts(files)
    asked: dict[str, Any] = {}
    for _, document in known.values():
        asked[str(custom(document).get("sample"))] = document
    for path in paths(files, "scenarios/*.yaml"):
        for keys, name in places(read(files, path), "given", "data", "*"):
            if str(keys[-1]) in known:
                asked[name] = known[str(keys[-1])][1]
    for path, document in asked.items():
        if path not in files or not path.endswith(".csv"):
            continue
        lines = text(files, path).splitlines()
        rows = [line.split(",") for line in lines]
        if '"' in text(files, path) or len(rows) < 2:
            continue
        dialects = custom(document).get("landing") or [
            {"name": "own", "columns": {name: name for name in columns(document)}}
        ]
        for dialect in dialects:
            if set(dialect["columns"]) <= set(rows[0]):
                ours_by_index = {
                    rows[0].index(key): name for key, name in dialect["columns"].items()
                }
                units_row = dialect.get("units_row") == 2 and not re.search(r"[0-9]", lines[1])
                yield path, document, rows, ours_by_index, 2 if units_row else 1
                break


def cell_changed(path: str, rows: list[list[str]], row: int, column: int, new: str) -> bytes:
    """Return a CSV with another value in one cell."""
    cells = [list(each) for each in rows]
    cells[row][column] = new
    return ("\n".join(",".join(each) for each in cells) + "\n").encode("utf-8")


def row_outside_contract(files: Files) -> Iterator[Mutant]:
    """Put a value into a row that its column does not allow."""
    for path, document, rows, names, first in csv_samples(files):
        for row in sorted({first, len(rows) - 1}):
            for index, name in names.items():
                for why, wrong in outside(columns(document)[name]):
                    new = cell_changed(path, rows, row, index, wrong)
                    said_so = f"{path}: line {row + 1}: {name} {why}"
                    yield from mutant(files, said_so, {path: new})


def outside(column: Any) -> Iterator[tuple[str, str]]:
    """Yield values a column does not allow, and why."""
    options = column.get("logicalTypeOptions", {})
    if column["required"]:
        yield "blank", ""
    if column["logicalType"] in ("integer", "number", "timestamp", "date"):
        yield "a word", "unknown"
    if column["logicalType"] in ("integer", "number") and "maximum" in options:
        yield "beyond its maximum", str(options["maximum"] + 1)
    if "pattern" in options and not re.fullmatch(options["pattern"], "unknown"):
        yield "against its pattern", "unknown"
    if "maxLength" in options:
        yield "too long", "x" * (options["maxLength"] + 1)
    for quality in column.get("quality", []):
        if "unknown" not in quality.get("arguments", {}).get("validValues", ["unknown"]):
            yield "no valid value", "unknown"


def time_goes_back(files: Files) -> Iterator[Mutant]:
    """Swap two rows next to each other of one series whose time must grow."""
    for path, document, rows, names, first in csv_samples(files):
        rule = custom(document).get("ascending")
        if not rule:
            continue
        index_of = {name: index for index, name in names.items()}
        if rule["column"] not in index_of or not set(rule["within"]) <= set(index_of):
            continue
        for row in range(first + 1, len(rows)):
            one, other = rows[row - 1], rows[row]
            series = all(one[index_of[name]] == other[index_of[name]] for name in rule["within"])
            if series and one[index_of[rule["column"]]] != other[index_of[rule["column"]]]:
                turned = [*rows[: row - 1], other, one, *rows[row + 1 :]]
                new = ("\n".join(",".join(each) for each in turned) + "\n").encode("utf-8")
                yield from mutant(files, f"{path}: lines {row} and {row + 1} swapped", {path: new})


def row_twice(files: Files) -> Iterator[Mutant]:
    """Give two rows of one file the same key."""
    for path, document, rows, _, first in csv_samples(files):
        if any(each.get("primaryKey") for each in columns(document).values()):
            for row in sorted({first, len(rows) - 1}):
                twice = [*rows[: row + 1], *rows[row:]]
                new = ("\n".join(",".join(each) for each in twice) + "\n").encode("utf-8")
                yield from mutant(files, f"{path}: line {row + 1} twice", {path: new})


def identity_number() -> str:
    """Return a number of the form of a resident's, of somebody born in 1900: nobody's today."""
    digits = "330102190001010010"[:17]
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
    rest = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
    return digits + "10X98765432"[rest]


def number_of_a_person(files: Files) -> Iterator[Mutant]:
    """Leave the number of a resident in a sample or in a word people read."""
    for path, document, rows, names, first in csv_samples(files):
        for index, name in names.items():
            column = columns(document)[name]
            if column["logicalType"] == "string" and "pattern" not in column.get(
                "logicalTypeOptions", {}
            ):
                new = cell_changed(path, rows, first, index, identity_number())
                yield from mutant(files, f"{path}: number of a person in {name}", {path: new})
    for path, words in messages(files).items():
        for key, sentence in words.items():
            if key.startswith("scenario."):
                new_words = {**words, key: f"{sentence} {identity_number()}"}
                yield from changed(files, path, f"number of a person in {key}", new_words)


# scenarios -----------------------------------------------------------------------------------


def scenario_files(files: Files) -> Iterator[tuple[str, Any]]:
    """Yield path and document of each scenario."""
    for path in paths(files, "scenarios/*.yaml"):
        yield path, read(files, path)


def end_no_scenario_reaches(files: Files) -> Iterator[Mutant]:
    """Take away the only scenario that says it comes to an end of a process."""
    told = {
        path: {
            (case["flow"], case["ends_at"])
            for _, case in places(document, "then", "*", "case")
            if "ends_at" in case and case.get("count", 1) > 0
        }
        for path, document in scenario_files(files)
    }
    kept = {read(files, path)["scenario"] for path in paths(files, "replay.yaml")}
    for path, reached in told.items():
        others = set().union(*(each for other, each in told.items() if other != path))
        only = sorted(end for _, end in reached - others)
        if only and len(told) > 1 and path not in kept:
            said_so = f"{path} taken away: nothing comes to {', '.join(only)}"
            yield from mutant(files, said_so, {path: None})


def task_without_actor(files: Files) -> Iterator[Mutant]:
    """Leave a task of a person without who does it."""
    tasks = {node for _, node in steps(files)} | {item for _, item in items(files)}
    for path, document in scenario_files(files):
        for keys, does in places(document, "actors", "*", "does"):
            for index, task in enumerate(does):
                if task not in tasks:
                    continue
                if len(does) > 1:
                    new = without(document, (*keys, index))
                elif len(document["actors"]) > 1:
                    new = without(document, keys[:-1])
                else:
                    continue
                yield from changed(files, path, f"nobody does {task}", new)


def task_with_two_actors(files: Files) -> Iterator[Mutant]:
    """Give a task of a person to a second actor."""
    for path, document in scenario_files(files):
        actors = document["actors"]
        for index, actor in enumerate(actors):
            other = (index + 1) % len(actors)
            if other == index:
                continue
            for task in actor["does"]:
                new = put(document, ("actors", other, "does"), [*actors[other]["does"], task])
                yield from changed(files, path, f"{task} done by two actors", new)


def form_asked(files: Files, task: str) -> Any:
    """Return the schema of the form that a step or an item asks, or an empty one."""
    forms = by_id(files, "forms/*.json")
    named_forms = [each.get("form") for (_, node), each in steps(files).items() if node == task]
    named_forms += [each.get("form") for (_, item), each in items(files).items() if item == task]
    found = [forms[str(name)]["schema"] for name in named_forms if name in forms]
    return found[0] if found else {"properties": {}}


def answer_left_out(files: Files) -> Iterator[Mutant]:
    """Leave out an answer that the form of the step requires."""
    for path, document in scenario_files(files):
        for keys, actor in places(document, "actors", "*"):
            required = {
                field
                for task in actor["does"]
                for field in form_asked(files, task).get("required", [])
            }
            for field in actor.get("answers", {}):
                if field in required:
                    new = without(document, (*keys, "answers", field))
                    yield from changed(files, path, f"{place_of(keys)} does not say {field}", new)


def answer_no_form_takes(files: Files) -> Iterator[Mutant]:
    """Answer something that is none of the choices of the form."""
    for path, document in scenario_files(files):
        for keys, actor in places(document, "actors", "*"):
            for field, answer in actor.get("answers", {}).items():
                enums = [
                    form_asked(files, task)["properties"].get(field, {}).get("enum")
                    for task in actor["does"]
                ]
                found = re.fullmatch(r'=\s*"([^"]*)"', answer)
                if found and any(enums):
                    wrong = misspelt(found.group(1), known=next(each for each in enums if each))
                    new = put(document, (*keys, "answers", field), f'= "{wrong}"')
                    yield from changed(files, path, f"{field} answered with {wrong}", new)


def answer_that_is_no_feel(files: Files) -> Iterator[Mutant]:
    """Leave the last quotation mark out of an answer."""
    for path, document in scenario_files(files):
        for keys, answer in places(document, "actors", "*", "answers", "*"):
            if answer.startswith("=") and answer.endswith('"'):
                new = put(document, keys, answer[:-1])
                yield from changed(files, path, f"{place_of(keys)}: {answer[:-1]}", new)


def nobody_accepts_in_the_story(files: Files) -> Iterator[Mutant]:
    """Leave out when what an actor did is verified, though the plan wants it verified."""
    verified = {item for (_, item), each in items(files).items() if "verify" in each}
    for path, document in scenario_files(files):
        for keys, actor in places(document, "actors", "*"):
            if "verify" in actor and verified & set(actor["does"]):
                new = without(document, (*keys, "verify"))
                yield from changed(files, path, f"{place_of(keys)} without verify", new)


def doer_accepts(files: Files) -> Iterator[Mutant]:
    """Let who did the work verify it without being refused."""
    for path, document in scenario_files(files):
        for keys, act in places(document, "when", "*", "act"):
            if act["verb"] != "verify":
                continue
            if act.get("by") in ("doer", "finder") and "refused" in act:
                new = without(document, (*keys, "refused"))
                yield from changed(files, path, f"{place_of(keys)} no longer refused", new)
            elif "refused" not in act:
                new = put(document, (*keys, "by"), "doer")
                yield from changed(files, path, f"{place_of(keys)} by the doer", new)


def outcome_that_is_not(files: Files) -> Iterator[Mutant]:
    """Expect one more of what is counted, one more of a figure, another state of a task."""
    for path, document in scenario_files(files):
        for keys, then in places(document, "then", "*"):
            for kind in ("alert", "case", "task"):
                if "count" in then.get(kind, {}):
                    new = put(document, (*keys, kind, "count"), then[kind]["count"] + 1)
                    yield from changed(files, path, f"{place_of(keys)}: one {kind} more", new)
            if "equals" in then.get("figure", {}):
                new = put(document, (*keys, "figure", "equals"), then["figure"]["equals"] + 1)
                yield from changed(files, path, f"{place_of(keys)}: the figure is one more", new)


def end_of_no_process(files: Files) -> Iterator[Mutant]:
    """Expect a case to end at an end its process does not have."""
    known = ends(files)
    for path, document in scenario_files(files):
        for keys, case in places(document, "then", "*", "case"):
            if "ends_at" in case:
                wrong = misspelt(case["ends_at"], known=known.get(case["flow"], []))
                new = put(document, (*keys, "ends_at"), wrong)
                yield from changed(files, path, f"{case['flow']} ends at {wrong}", new)


def place_that_is_not_there(files: Files) -> Iterator[Mutant]:
    """Let something happen, or be true, in a division that does not exist."""
    for path, document in scenario_files(files):
        for pattern in (("when", "*", "act", "in"), ("then", "*", "*", "in")):
            for keys, _ in places(document, *pattern):
                new = put(document, keys, NO_SUCH_PLACE)
                yield from changed(files, path, f"{place_of(keys)}: no such division", new)


def landed_row_outside_contract(files: Files) -> Iterator[Mutant]:
    """Let rows land that their contract does not allow."""
    known = contracts(files)
    for path, document in scenario_files(files):
        for keys, land in places(document, "when", "*", "land"):
            if land["dataset"] not in known:
                continue
            of_contract = columns(known[land["dataset"]][1])
            for place, row in enumerate(land["rows"]):
                for name in row:
                    start = (*keys, "rows", place)
                    wrong = misspelt(name, known=list(of_contract))
                    renamed = {wrong if key == name else key: each for key, each in row.items()}
                    said_so = f"{place_of(start)}: {name} -> {wrong}"
                    yield from changed(files, path, said_so, put(document, start, renamed))
                    if of_contract.get(name, {}).get("logicalType") in ("number", "integer"):
                        new = put(document, (*start, name), "unknown")
                        said_so = f"{place_of(start)}: {name} is a word"
                        yield from changed(files, path, said_so, new)


# replay, maturity ----------------------------------------------------------------------------


def printed_column_unknown(files: Files) -> Iterator[Mutant]:
    """Misspell a column in the SQL a replay prints."""
    for path in paths(files, "replay.yaml"):
        document = read(files, path)
        for keys, statement in places(document, "prints", "*"):
            hidden = masked(statement)
            for found in re.finditer(r"\b(?:state|division_code|track_id|highest_level)\b", hidden):
                wrong = misspelt(found.group())
                if re.search(r"\bas\s+$", hidden[: found.start()]):
                    continue
                new = put(document, keys, spliced(statement, *found.span(), wrong))
                said_so = f"{keys[-1]}: {found.group()} -> {wrong} at {found.start()}"
                yield from changed(files, path, said_so, new)


def rung_too_high(files: Files) -> Iterator[Mutant]:
    """Claim to be an exemplar while rules are still to be done, or not spoken of."""
    for path in paths(files, "maturity.yaml"):
        document = read(files, path)
        open_rules = [name for name, rule in document["rules"].items() if rule["state"] == "todo"]
        if open_rules:
            new = put(document, ("rung",), "exemplar")
            yield from changed(files, path, f"exemplar, with {open_rules[0]} to do", new)


def exempt_without_reason(files: Files) -> Iterator[Mutant]:
    """Exempt the package from a rule and do not say why."""
    for path in paths(files, "maturity.yaml"):
        document = read(files, path)
        for name in document["rules"]:
            new = put(document, ("rules", name), {"state": "exempt"})
            yield from changed(files, path, f"{name} exempt without reason", new)


# The operators -------------------------------------------------------------------------------

OPTIONS = ("schema", "*", "properties", "*", "logicalTypeOptions")
DELAYS = ("receive", "read", "accept", "complete", "verify")

OPERATORS: tuple[Operator, ...] = (
    Operator(
        kind="app-id-not-its-folder",
        file_kind="app",
        why="Nothing the files say of this application is found: its id is not that of its folder.",
        mutants=wrong_names("app.yaml", "id"),
    ),
    Operator(
        kind="kernel-of-another-age",
        file_kind="app",
        why="No installation can carry the application: its range of kernels holds none.",
        mutants=kernel_of_another_age,
    ),
    Operator(
        kind="app-line-misspelt",
        file_kind="app",
        why="The unit that leads or supports is of no line, so nobody is asked.",
        mutants=wrong_names("app.yaml", "lead", "supporting/*"),
    ),
    Operator(
        kind="dataset-not-declared",
        file_kind="app",
        why="SQL reads a dataset of the kernel of which its owner was not told.",
        mutants=dataset_not_declared,
    ),
    Operator(
        kind="goal-against-better",
        file_kind="vmodel",
        why="Units are praised for what the indicator calls worse.",
        mutants=goal_against_better,
    ),
    Operator(
        kind="goal-nobody-serves",
        file_kind="vmodel",
        why="A goal is promised for which no task is done.",
        mutants=goal_nobody_serves,
    ),
    Operator(
        kind="goal-of-no-indicator",
        file_kind="vmodel",
        why="Nobody can tell whether the goal is reached: its figure does not exist.",
        mutants=wrong_names("vmodel.yaml", "goals/*/indicator"),
    ),
    Operator(
        kind="goal-by-no-day",
        file_kind="vmodel",
        why="The goal is due on a day the calendar does not have.",
        mutants=goal_by_no_day,
    ),
    Operator(
        kind="task-serves-no-goal",
        file_kind="vmodel",
        why="A task is done for a goal that nobody set.",
        mutants=wrong_names("vmodel.yaml", "tasks/*/serves/*"),
    ),
    Operator(
        kind="step-no-unit-carries",
        file_kind="vmodel",
        why="Officers do a step for which no unit of government answers.",
        mutants=step_no_unit_carries,
    ),
    Operator(
        kind="step-in-two-units",
        file_kind="vmodel",
        why="Two units answer for one step, so neither does.",
        mutants=step_in_two_units,
    ),
    Operator(
        kind="way-that-is-not-there",
        file_kind="vmodel",
        why="A unit of work rests on a step, item, rule or figure that does not exist.",
        mutants=way_that_is_not_there,
    ),
    Operator(
        kind="need-left-out",
        file_kind="vmodel",
        why="The list of demanded data misses a field, so the source unit is never asked.",
        mutants=need_left_out,
    ),
    Operator(
        kind="need-of-no-field",
        file_kind="vmodel",
        why="A source unit is asked for a dataset or field that nobody has.",
        mutants=need_of_no_field,
    ),
    Operator(
        kind="sealed-need",
        file_kind="vmodel",
        why="A unit needs a sealed field of another line, which no role ever opens.",
        mutants=sealed_need,
    ),
    Operator(
        kind="need-nobody-shares",
        file_kind="vmodel",
        why="A unit needs data whose source shares them with nobody.",
        mutants=need_nobody_shares,
    ),
    Operator(
        kind="limit-shorter-than-the-step",
        file_kind="vmodel",
        why="The unit is late while its step is still in time.",
        mutants=limit_shorter_than_the_step,
    ),
    Operator(
        kind="unit-of-another-role",
        file_kind="vmodel",
        why="One unit answers for what another one does.",
        mutants=unit_of_another_role,
    ),
    Operator(
        kind="unit-below-its-steps",
        file_kind="vmodel",
        why="A unit answers for the work of its superior.",
        mutants=unit_below_its_steps,
    ),
    Operator(
        kind="basis-without-article",
        file_kind="vmodel",
        why="Nobody can look up on what ground the unit acts.",
        mutants=basis_without_article,
    ),
    Operator(
        kind="vmodel-id-twice",
        file_kind="vmodel",
        why="Who speaks of a goal, task or unit by its id means two things.",
        mutants=vmodel_id_twice,
    ),
    Operator(
        kind="vmodel-line-misspelt",
        file_kind="vmodel",
        why="The unit of work, or its helper, is of no line.",
        mutants=wrong_names("vmodel.yaml", "tasks/*/units/*/role", "tasks/*/units/*/with/*"),
    ),
    Operator(
        kind="role-nobody-holds",
        file_kind="roles",
        why="The post that should see or report finds its way closed.",
        mutants=wrong_names("roles.yaml", "*/held_by/*"),
    ),
    Operator(
        kind="role-of-no-object",
        file_kind="roles",
        why="The role opens a kind of thing that does not exist, and the right one stays closed.",
        mutants=wrong_names("roles.yaml", "*/may/*/types/*"),
    ),
    Operator(
        kind="clear-away-from-home",
        file_kind="roles",
        why="A role is promised personal fields in a place where they are never shown.",
        mutants=clear_away_from_home,
    ),
    Operator(
        kind="default-out-of-range",
        file_kind="parameters",
        why="An area that sets nothing works with a number it could not set.",
        mutants=default_out_of_range,
    ),
    Operator(
        kind="range-turned",
        file_kind="parameters",
        why="No number lies in the range, so no area can set one.",
        mutants=turned_pairs("parameters.yaml", "*/range"),
    ),
    Operator(
        kind="parameter-nobody-declares",
        file_kind="parameters",
        why="SQL asks for a number that nobody declared, and does not run.",
        mutants=parameter_nobody_declares,
    ),
    Operator(
        kind="object-column-misnamed",
        file_kind="objects",
        why="Place or division of the things is looked for in a column that is not there.",
        mutants=custom_wrong("objects/*.yaml", "division", "geometry"),
    ),
    Operator(
        kind="relationship-to-nothing",
        file_kind="objects",
        why="A thing leads to another by a column that is not there.",
        mutants=wrong_names("objects/*.yaml", "schema/*/properties/*/relationships/*/to"),
    ),
    Operator(
        kind="object-bounds-turned",
        file_kind="objects",
        why="No value lies between the bounds: nothing can be recorded.",
        mutants=bounds_turned("objects/*.yaml", *OPTIONS),
    ),
    Operator(
        kind="invented-not-said",
        file_kind="objects",
        why="Made-up families are read as real persons.",
        mutants=invented_not_said,
    ),
    Operator(
        kind="sample-not-there",
        file_kind="objects",
        why="The exercise begins without its rows: the sample does not exist.",
        mutants=sample_that_is_not_there,
    ),
    Operator(
        kind="source-unit-nobody",
        file_kind="datasets",
        why="No unit may land the data or answers for them.",
        mutants=source_unit_nobody,
    ),
    Operator(
        kind="landing-column-misnamed",
        file_kind="datasets",
        why="A column of the file goes to one that the contract does not have.",
        mutants=custom_wrong("datasets/*.yaml", "landing"),
    ),
    Operator(
        kind="ascending-column-misnamed",
        file_kind="datasets",
        why="Whether time grows is asked of a column that is not there.",
        mutants=custom_wrong("datasets/*.yaml", "ascending"),
    ),
    Operator(
        kind="dataset-bounds-turned",
        file_kind="datasets",
        why="No value lies between the bounds: every file is refused.",
        mutants=bounds_turned("datasets/*.yaml", *OPTIONS),
    ),
    Operator(
        kind="derived-from-left-out",
        file_kind="datasets",
        why="The derivation reads what it does not declare, and is refused.",
        mutants=derived_from_left_out,
    ),
    Operator(
        kind="derived-example-wrong",
        file_kind="datasets",
        why="The example says another number than people will get.",
        mutants=derived_example_wrong,
    ),
    Operator(
        kind="derivation-column-unknown",
        file_kind="derivations",
        why="The derivation does not run: it reads a column that is not there.",
        mutants=unknown_columns("datasets/*.sql"),
    ),
    Operator(
        kind="promised-column-misnamed",
        file_kind="derivations",
        why="The derived dataset lacks a column that its contract promises.",
        mutants=derivation_misnamed,
    ),
    Operator(
        kind="sql-reads-a-file",
        file_kind="derivations",
        why="Foreign code opens files of the machine; it is refused, and the data stay away.",
        mutants=reads_a_file,
    ),
    Operator(
        kind="gap-in-a-table",
        file_kind="rules",
        why="Some values get no answer, so nobody is warned.",
        mutants=gap_in_a_table,
    ),
    Operator(
        kind="two-rules-fit",
        file_kind="rules",
        why="Some values get two answers where only one may be.",
        mutants=two_rules_fit,
    ),
    Operator(
        kind="rule-never-reached",
        file_kind="rules",
        why="A level is never given: an earlier rule takes all its cases.",
        mutants=rule_never_reached,
    ),
    Operator(
        kind="rule-level-unknown",
        file_kind="rules",
        why="The rule answers a level that no signal knows, which is no level.",
        mutants=of_elements("rules/*.dmn", ("outputEntry",), cell_edit("output", misspelt_word)),
    ),
    Operator(
        kind="rule-input-unknown",
        file_kind="rules",
        why="The rule asks for a column that the dataset does not have.",
        mutants=of_elements(
            "rules/*.dmn", ("inputExpression",), cell_edit("input", misspelt_input)
        ),
    ),
    Operator(
        kind="rule-text-against-number",
        file_kind="rules",
        why="A comparison of a number with a text holds for no value.",
        mutants=joined(
            of_elements("rules/*.dmn", ("inputEntry",), cell_edit("cell", quoted_number)),
            of_elements("rules/*.dmn", ("inputExpression",), input_of_text),
        ),
    ),
    Operator(
        kind="level-left-out",
        file_kind="signals",
        why="The rule gives this level and the signal takes it for none: no alert.",
        mutants=level_left_out,
    ),
    Operator(
        kind="levels-turned",
        file_kind="signals",
        why="An alert that grows worse is told as one that was lowered.",
        mutants=levels_turned,
    ),
    Operator(
        kind="end-compares-with-a-number",
        file_kind="signals",
        why="The alert never ends: its level, a text, is compared with a number.",
        mutants=end_compares_with_a_number,
    ),
    Operator(
        kind="feedback-not-taken",
        file_kind="signals",
        why="An officer's answer to the alert is taken by nobody.",
        mutants=feedback_not_taken,
    ),
    Operator(
        kind="signal-column-misnamed",
        file_kind="signals",
        why="Place, time or matter of the alert is read from a column that is not there.",
        mutants=wrong_names("signals/*.yaml", "division", "at", "same_matter/*", "keep/*"),
    ),
    Operator(
        kind="signal-opens-nothing",
        file_kind="signals",
        why="The alert opens no case: process or level does not exist.",
        mutants=wrong_names("signals/*.yaml", "opens/flow", "opens/from_level"),
    ),
    Operator(
        kind="signal-of-nothing",
        file_kind="signals",
        why="The signal looks at a dataset, rule, decision or output that does not exist.",
        mutants=wrong_names("signals/*.yaml", "on", "rule", "decision", "level"),
    ),
    Operator(
        kind="step-nobody-reaches",
        file_kind="flows",
        why="The step is never given to anybody: no way leads there.",
        mutants=step_nobody_reaches,
    ),
    Operator(
        kind="case-that-stops",
        file_kind="flows",
        why="The case stands still for ever: no way leads on.",
        mutants=case_that_stops,
    ),
    Operator(
        kind="gateway-without-default",
        file_kind="flows",
        why="Where no condition holds, the case has no way on.",
        mutants=of_elements(
            "flows/*.bpmn", ("exclusiveGateway", "inclusiveGateway"), default_left_out
        ),
    ),
    Operator(
        kind="step-without-limit",
        file_kind="flows",
        why="A step without limit is never late, and nobody is reminded.",
        mutants=of_elements("flows/*.bpmn", ("userTask",), limit_left_out),
    ),
    Operator(
        kind="step-verifies-itself",
        file_kind="flows",
        why="Who did the work accepts it.",
        mutants=of_elements("flows/*.bpmn", ("userTask",), verifies_itself),
    ),
    Operator(
        kind="step-verifies-nothing",
        file_kind="flows",
        why="The step accepts the work of a step that does not exist, so nobody is kept from it.",
        mutants=of_elements("flows/*.bpmn", ("userTask",), our_wrong("verifies")),
    ),
    Operator(
        kind="way-id-twice",
        file_kind="flows",
        why="Two ways of one id: the label and the drawing of one are the other's.",
        mutants=of_elements("flows/*.bpmn", ("sequenceFlow",), way_id_twice),
    ),
    Operator(
        kind="step-of-no-role",
        file_kind="flows",
        why="No unit is of this line, so the step reaches nobody.",
        mutants=of_elements("flows/*.bpmn", ("userTask",), our_wrong("role")),
    ),
    Operator(
        kind="step-asks-no-form",
        file_kind="flows",
        why="The step asks a form that does not exist: it cannot be done.",
        mutants=of_elements("flows/*.bpmn", ("userTask",), our_wrong("form")),
    ),
    Operator(
        kind="service-of-no-plan",
        file_kind="flows",
        why="The plan to expand does not exist: no task is given.",
        mutants=of_elements("flows/*.bpmn", ("serviceTask",), our_wrong("plan")),
    ),
    Operator(
        kind="service-unknown",
        file_kind="flows",
        why="The kernel has no such service: the case stops.",
        mutants=of_elements("flows/*.bpmn", ("serviceTask",), our_wrong("service")),
    ),
    Operator(
        kind="condition-of-no-answer",
        file_kind="flows",
        why="The condition asks for an answer that no form gives.",
        mutants=of_elements(
            "flows/*.bpmn", ("conditionExpression",), condition_edit(unknown_variable)
        ),
    ),
    Operator(
        kind="condition-never-holds",
        file_kind="flows",
        why="The condition asks for a value nobody can choose: it holds never, or always.",
        mutants=of_elements(
            "flows/*.bpmn", ("conditionExpression",), condition_edit(unheard_of_value)
        ),
    ),
    Operator(
        kind="condition-text-with-number",
        file_kind="flows",
        why="A text is compared with a number, which never holds.",
        mutants=of_elements(
            "flows/*.bpmn", ("conditionExpression",), condition_edit(number_for_text)
        ),
    ),
    Operator(
        kind="item-verified-by-doer",
        file_kind="plans",
        why="Who does the item accepts it.",
        mutants=item_verified_by_doer,
    ),
    Operator(
        kind="item-nobody-verifies",
        file_kind="plans",
        why="The item is struck off although nobody looked.",
        mutants=item_nobody_verifies,
    ),
    Operator(
        kind="item-id-twice",
        file_kind="plans",
        why="Two items are one duty, so one of them is never given out.",
        mutants=id_twice("plans/*.yaml", "items"),
    ),
    Operator(
        kind="item-of-no-role",
        file_kind="plans",
        why="No unit is of this line, so the item or its acceptance reaches nobody.",
        mutants=wrong_names("plans/*.yaml", "items/*/role", "items/*/verify"),
    ),
    Operator(
        kind="item-of-no-level",
        file_kind="plans",
        why="The item waits for a level that is never given.",
        mutants=wrong_names("plans/*.yaml", "items/*/from_level"),
    ),
    Operator(
        kind="item-of-no-object",
        file_kind="plans",
        why="The item asks for things or columns that do not exist.",
        mutants=wrong_names(
            "plans/*.yaml",
            "items/*/for_each/object",
            "items/*/for_each/from_level",
            "items/*/destination",
        ),
    ),
    Operator(
        kind="light-turned",
        file_kind="indicators",
        why="A good figure shines red and a bad one green.",
        mutants=light_turned,
    ),
    Operator(
        kind="better-turned",
        file_kind="indicators",
        why="The league praises the worst, against the light or the goal.",
        mutants=better_turned,
    ),
    Operator(
        kind="figure-example-wrong",
        file_kind="indicators",
        why="The example says another figure than people will see.",
        mutants=figure_example_wrong,
    ),
    Operator(
        kind="example-of-no-column",
        file_kind="indicators",
        why="The example gives a column that the dataset does not have.",
        mutants=example_of_no_column,
    ),
    Operator(
        kind="figure-source-nobody",
        file_kind="indicators",
        why="No unit answers for the figure.",
        mutants=wrong_names("indicators/*.yaml", "source"),
    ),
    Operator(
        kind="figure-column-unknown",
        file_kind="figures",
        why="The figure is not shown: it reads a column that is not there.",
        mutants=unknown_columns("indicators/*.sql"),
    ),
    Operator(
        kind="figure-asks-the-clock",
        file_kind="figures",
        why="The figure of an exercise depends on today's date, and is refused.",
        mutants=asks_the_clock,
    ),
    Operator(
        kind="evidence-without-division",
        file_kind="figures",
        why="The figure cannot be asked for an area: its rows name no division.",
        mutants=evidence_without_division,
    ),
    Operator(
        kind="figure-misnamed",
        file_kind="figures",
        why="The page finds no value, or no rows behind it.",
        mutants=figure_misnamed,
    ),
    Operator(
        kind="required-not-asked",
        file_kind="forms",
        why="An answer is required that the page never asks: the step cannot be done.",
        mutants=required_not_asked,
    ),
    Operator(
        kind="layout-of-no-field",
        file_kind="forms",
        why="The page asks for a field that the form does not have.",
        mutants=wrong_names("forms/*.json", "layout/*/field"),
    ),
    Operator(
        kind="required-of-no-field",
        file_kind="forms",
        why="A field is required that the form does not have.",
        mutants=wrong_names("forms/*.json", "schema/required/*"),
    ),
    Operator(
        kind="form-bounds-turned",
        file_kind="forms",
        why="No answer lies between the bounds: the step cannot be done.",
        mutants=bounds_turned("forms/*.json", "schema", "properties", "*"),
    ),
    Operator(
        kind="file-without-bounds",
        file_kind="forms",
        why="A citizen or officer may send files of any kind, number or size.",
        mutants=file_without_bounds,
    ),
    Operator(
        kind="prefill-of-nothing",
        file_kind="forms",
        why="The field is filled in from a variable that no case has.",
        mutants=wrong_names("forms/*.json", "layout/*/prefill"),
    ),
    Operator(
        kind="choice-misspelt",
        file_kind="forms",
        why="A choice has no words, and no condition knows it.",
        mutants=choice_misspelt,
    ),
    Operator(
        kind="widget-against-type",
        file_kind="forms",
        why="The page asks in a way in which no allowed answer can be given.",
        mutants=widget_against_type,
    ),
    Operator(
        kind="page-of-nothing",
        file_kind="pages",
        why="The page shows a figure, map or list that does not exist.",
        mutants=wrong_names(
            "pages/*.yaml",
            "figures/*",
            "map/colour_by",
            "league/indicator",
            "plan_item",
            "object",
            "people",
        ),
    ),
    Operator(
        kind="track-of-no-column",
        file_kind="pages",
        why="The track on the map is drawn from a dataset or column that is not there.",
        mutants=wrong_names("pages/*.yaml", "map/track/*"),
    ),
    Operator(
        kind="page-shows-sealed-field",
        file_kind="pages",
        why="The page counts or draws a field that no role opens.",
        mutants=page_shows_sealed_field,
    ),
    Operator(
        kind="headcount-of-a-text",
        file_kind="pages",
        why="People are counted by a column that holds no number, or by personal data.",
        mutants=headcount_of_a_text,
    ),
    Operator(
        kind="word-of-one-language",
        file_kind="messages",
        why="Readers of one language see a key in place of the word.",
        mutants=word_of_one_language,
    ),
    Operator(
        kind="word-of-no-language",
        file_kind="messages",
        why="Everybody sees a key in place of the word.",
        mutants=word_of_no_language,
    ),
    Operator(
        kind="place-misspelt",
        file_kind="messages",
        why="The sentence shows braces in place of the value.",
        mutants=place_misspelt,
    ),
    Operator(
        kind="key-of-no-word",
        file_kind="messages",
        why="A file asks for a word that stands in no language.",
        mutants=key_of_no_word,
    ),
    Operator(
        kind="row-outside-contract",
        file_kind="samples",
        why="A row of the sample is set aside or the file refused.",
        mutants=row_outside_contract,
    ),
    Operator(
        kind="time-goes-back",
        file_kind="samples",
        why="The sample is refused: its time does not grow.",
        mutants=time_goes_back,
    ),
    Operator(
        kind="row-twice",
        file_kind="samples",
        why="Two rows of one key: one of them is lost.",
        mutants=row_twice,
    ),
    Operator(
        kind="sample-column-misnamed",
        file_kind="samples",
        why="The rows of the sample lack a column that the contract asks.",
        mutants=sample_misnamed,
    ),
    Operator(
        kind="number-of-a-person",
        file_kind="samples",
        why="The number of a resident stands in a public file.",
        mutants=number_of_a_person,
    ),
    Operator(
        kind="end-no-scenario-reaches",
        file_kind="scenarios",
        why="Nobody has ever seen how this end of the process works.",
        mutants=end_no_scenario_reaches,
    ),
    Operator(
        kind="task-without-actor",
        file_kind="scenarios",
        why="Nobody does the task in the exercise: the story stops.",
        mutants=task_without_actor,
    ),
    Operator(
        kind="task-with-two-actors",
        file_kind="scenarios",
        why="Two actors do one task, and the story depends on who comes first.",
        mutants=task_with_two_actors,
    ),
    Operator(
        kind="actor-does-nothing-there",
        file_kind="scenarios",
        why="An actor does a step or item that does not exist.",
        mutants=wrong_names("scenarios/*.yaml", "actors/*/does/*"),
    ),
    Operator(
        kind="delay-turned",
        file_kind="scenarios",
        why="The least delay is more than the most: no delay lies between.",
        mutants=turned_pairs("scenarios/*.yaml", *(f"actors/*/{act}" for act in DELAYS)),
    ),
    Operator(
        kind="answer-left-out",
        file_kind="scenarios",
        why="The step asks for an answer the actor does not give: the story stops.",
        mutants=answer_left_out,
    ),
    Operator(
        kind="answer-no-form-takes",
        file_kind="scenarios",
        why="The actor chooses what cannot be chosen: the story stops.",
        mutants=answer_no_form_takes,
    ),
    Operator(
        kind="answer-that-is-no-feel",
        file_kind="scenarios",
        why="The answer cannot be read as FEEL.",
        mutants=answer_that_is_no_feel,
    ),
    Operator(
        kind="nobody-accepts-in-the-story",
        file_kind="scenarios",
        why="The work waits for its acceptance for ever, and so does the case.",
        mutants=nobody_accepts_in_the_story,
    ),
    Operator(
        kind="doer-accepts",
        file_kind="scenarios",
        why="The story expects who did the work to accept it, which is refused.",
        mutants=doer_accepts,
    ),
    Operator(
        kind="refusal-of-no-code",
        file_kind="scenarios",
        why="The story waits for a refusal that the kernel does not know.",
        mutants=wrong_names("scenarios/*.yaml", "when/*/act/refused"),
    ),
    Operator(
        kind="outcome-that-is-not",
        file_kind="scenarios",
        why="The story ends otherwise than it says.",
        mutants=outcome_that_is_not,
    ),
    Operator(
        kind="end-of-no-process",
        file_kind="scenarios",
        why="The story waits for an end that the process does not have.",
        mutants=end_of_no_process,
    ),
    Operator(
        kind="story-of-nothing",
        file_kind="scenarios",
        why="The story speaks of data, steps, signals, processes or figures that do not exist.",
        mutants=wrong_names(
            "scenarios/*.yaml",
            "given/samples/*",
            "given/data/*",
            "when/*/land/dataset",
            "when/*/act/task",
            "then/*/alert/signal",
            "then/*/case/flow",
            "then/*/task/task",
            "then/*/figure/indicator",
        ),
    ),
    Operator(
        kind="story-of-no-level",
        file_kind="scenarios",
        why="The story waits for a level or feedback that the signal does not have.",
        mutants=wrong_names("scenarios/*.yaml", "then/*/alert/reaches", "then/*/alert/feedback"),
    ),
    Operator(
        kind="story-of-no-place",
        file_kind="scenarios",
        why="The story speaks of a division that does not exist.",
        mutants=place_that_is_not_there,
    ),
    Operator(
        kind="landed-row-outside-contract",
        file_kind="scenarios",
        why="The rows of the story are refused, so nothing happens.",
        mutants=landed_row_outside_contract,
    ),
    Operator(
        kind="replay-of-nothing",
        file_kind="replay",
        why="The replay does not begin: input, column, file or scenario is not there.",
        mutants=wrong_names(
            "replay.yaml", "scenario", "inputs/*/dataset", "inputs/*/at", "inputs/*/default"
        ),
    ),
    Operator(
        kind="printed-column-unknown",
        file_kind="replay",
        why="The replay runs to its end and cannot print what it found.",
        mutants=printed_column_unknown,
    ),
    Operator(
        kind="rung-too-high",
        file_kind="maturity",
        why="A province installs as an exemplar what its makers have not finished.",
        mutants=rung_too_high,
    ),
    Operator(
        kind="exempt-without-reason",
        file_kind="maturity",
        why="A rule is passed over and nobody says why.",
        mutants=exempt_without_reason,
    ),
)
