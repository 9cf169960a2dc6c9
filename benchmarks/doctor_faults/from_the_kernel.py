"""Faults that the engines make possible: lawful to read, and wrong when carried out.

Written from what the engines do (``feel``, ``dmn``, ``bpmn``, ``forms``, the SQL of ``data``,
the roles of ``orgs``), and frozen before the checks that should find them: later changes only
where an operator raises. An operator yields only places where its fault has an effect: a gateway
asks too early only for what no earlier step answers, a class is lost only by a column that can
come from nowhere else. What a place needs is looked up in the files themselves.
"""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from benchmarks.doctor_faults.operator import (
    Files,
    Mutant,
    Operator,
    changed,
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

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_OURS = "{https://guantong.example/bpmn}"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_NUMBER = r"-?\d+(?:\.\d+)?"
_AGAIN = "\ncross join (select 1 as one from {{ dataset('other') }} limit 1) as again"
# No division of the province has such a code.
_NOWHERE = {"county": "339999000000", "township": "339999999000"}


# ---- what stands in the files ------------------------------------------------------------------


def _custom(contract: Any) -> dict[str, Any]:
    return {entry["property"]: entry["value"] for entry in contract["customProperties"]}


def _custom_keys(contract: Any, name: str) -> tuple[str | int, ...]:
    names = [entry["property"] for entry in contract["customProperties"]]
    return ("customProperties", names.index(name), "value")


def _columns(contract: Any) -> dict[str, Any]:
    return {column["name"]: column for column in contract["schema"][0]["properties"]}


def _contracts(files: Files, *patterns: str) -> dict[str, tuple[str, Any]]:
    """Return path and content of each contract by its id."""
    found = {}
    for pattern in patterns or ("datasets/*.yaml", "objects/*.yaml"):
        for path in paths(files, pattern):
            contract = read(files, path)
            found[contract["id"]] = (path, contract)
    return found


def _signals(files: Files) -> Iterator[tuple[str, Any, Any]]:
    """Yield path, signal, and the contract of the dataset it looks at."""
    contracts = _contracts(files)
    for path in paths(files, "signals/*.yaml"):
        signal = read(files, path)
        if signal["on"] in contracts:
            yield path, signal, contracts[signal["on"]][1]


def _statements(files: Files) -> list[str]:
    return [*paths(files, "datasets/*.sql"), *paths(files, "indicators/*.sql")]


def _replaced(files: Files, path: str, place: str, old: str, new: str) -> Iterator[Mutant]:
    """Yield the mutant in which one place of a text is another."""
    yield from mutant(
        files, f"{path}: {place}", {path: text(files, path).replace(old, new, 1).encode("utf-8")}
    )


# ---- decision tables ---------------------------------------------------------------------------


def _name(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _all(element: Any, name: str) -> list[Any]:
    return [found for found in element.iter() if _name(found) == name]


def _entry(element: Any) -> Any:
    return _all(element, "text")[0]


def _cells(root: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each rule with each of its input cells."""
    for rule in _all(root, "rule"):
        for cell in _all(rule, "inputEntry"):
            yield rule, _entry(cell)


def _recelled(files: Files, make: Any, *, only: Any = lambda table: True) -> Iterator[Mutant]:
    """Yield a mutant for each input cell of which ``make`` makes another text."""
    for path in paths(files, "rules/*.dmn"):
        count = len(list(_cells(tree(files, path))))
        for number in range(count):
            root = tree(files, path)
            rule, cell = list(_cells(root))[number]
            new = make(cell.text.strip())
            if new is None or not only(rule.getparent()):
                continue
            cell.text = new
            yield from mutant(
                files, f"{path}: {rule.get('id')}, cell {number}", {path: serialised(root)}
            )


def _empty_interval(files: Files) -> Iterator[Mutant]:
    def make(cell: str) -> str | None:
        if found := re.fullmatch(rf"([\[(])({_NUMBER})\.\.({_NUMBER})([)\]])", cell):
            return f"{found[1]}{found[3]}..{found[2]}{found[4]}"
        found = re.fullmatch(rf"(?:>=|<=|<|>)\s*({_NUMBER})", cell)
        return f"({found[1]}..{found[1]})" if found else None

    yield from _recelled(files, make)


def _expressions(files: Files, make: Any) -> Iterator[Mutant]:
    """Yield a mutant for each input expression that is a plain name."""
    for path in paths(files, "rules/*.dmn"):
        for number in range(len(_all(tree(files, path), "inputExpression"))):
            root = tree(files, path)
            entry = _entry(_all(root, "inputExpression")[number])
            name = entry.text.strip()
            if re.fullmatch(r"\w+", name):
                entry.text = make(name)
                yield from mutant(files, f"{path}: column {name}", {path: serialised(root)})


def _instant_against_number(files: Files) -> Iterator[Mutant]:
    """The column of a number becomes the column of the time, everywhere in the table."""
    for _, signal, _ in _signals(files):
        path = signal["rule"]
        for number in range(len(_all(tree(files, path), "inputExpression"))):
            root = tree(files, path)
            entry = _entry(_all(root, "inputExpression")[number])
            old = entry.text.strip()
            entry.text = signal["at"]
            for data in _all(root, "inputData"):
                if data.get("name") == old:
                    for named in (data, *_all(data, "variable")):
                        named.set("name", signal["at"])
            yield from mutant(
                files, f"{path}: {old} becomes {signal['at']}", {path: serialised(root)}
            )


def _row_for_the_rest_gone(files: Files) -> Iterator[Mutant]:
    for path in paths(files, "rules/*.dmn"):
        root = tree(files, path)
        for rule in _all(root, "rule"):
            if all(_entry(cell).text.strip() == "-" for cell in _all(rule, "inputEntry")):
                rule.getparent().remove(rule)
                yield from mutant(files, f"{path}: {rule.get('id')}", {path: serialised(root)})
                return


def _level_without_quotes(files: Files) -> Iterator[Mutant]:
    for path in paths(files, "rules/*.dmn"):
        for number in range(len(_all(tree(files, path), "outputEntry"))):
            root = tree(files, path)
            entry = _entry(_all(root, "outputEntry")[number])
            entry.text = entry.text.strip().strip('"')
            yield from mutant(files, f"{path}: row {number + 1}", {path: serialised(root)})


# ---- processes ---------------------------------------------------------------------------------


def _processes(files: Files) -> Iterator[str]:
    yield from paths(files, "flows/*.bpmn")


def _by_id(root: Any) -> dict[str, Any]:
    (process,) = _all(root, "process")
    return {element.get("id"): element for element in process if element.get("id")}


def _flows(root: Any, **ends: str) -> list[Any]:
    return [f for f in _all(root, "sequenceFlow") if all(f.get(k) == v for k, v in ends.items())]


def _condition(flow: Any) -> Any:
    return next(iter(_all(flow, "conditionExpression")), None)


def _give(flow: Any, condition: str) -> None:
    found = _condition(flow)
    if found is None:
        found = etree.SubElement(flow, f"{_BPMN}conditionExpression")
        found.set(f"{_XSI}type", "tFormalExpression")
    found.text = condition


def _gateways(root: Any, kind: str) -> list[Any]:
    return [element for element in _by_id(root).values() if _name(element) == kind]


def _turned(files: Files, kind: str, change: Any) -> Iterator[Mutant]:
    """Yield a mutant for each element of a kind that ``change`` says it has changed."""
    for path in _processes(files):
        ids = [element.get("id") for element in _gateways(tree(files, path), kind)]
        for id in ids:
            root = tree(files, path)
            told = change(root, _by_id(root)[id])
            if told:
                yield from mutant(
                    files,
                    f"{path}: {id}{told if isinstance(told, str) else ''}",
                    {path: serialised(root)},
                )


def _choice_before_a_join(files: Files) -> Iterator[Mutant]:
    def change(root: Any, gateway: Any) -> bool:
        ways = _flows(root, sourceRef=gateway.get("id"))
        if len(ways) < 2:
            return False
        gateway.tag = f"{_BPMN}exclusiveGateway"
        gateway.set("default", ways[0].get("id"))
        for way in ways[1:]:
            _give(way, 'alert_level = "red"')
        return True

    yield from _turned(files, "parallelGateway", change)


def _join_that_does_not_wait(files: Files) -> Iterator[Mutant]:
    def change(root: Any, gateway: Any) -> bool:
        if len(_flows(root, targetRef=gateway.get("id"))) < 2:
            return False
        gateway.tag = f"{_BPMN}exclusiveGateway"
        return True

    yield from _turned(files, "parallelGateway", change)


def _loop_without_rest(files: Files) -> Iterator[Mutant]:
    def change(root: Any, gateway: Any) -> bool:
        ways = [
            w
            for w in _flows(root, sourceRef=gateway.get("id"))
            if w.get("id") == gateway.get("default")
        ]
        if not ways:
            return False
        ways[0].set("targetRef", gateway.get("id"))
        return True

    yield from _turned(files, "exclusiveGateway", change)


def _loop_without_a_way_out(files: Files) -> Iterator[Mutant]:
    """The last step leads back to the first, so that no token ever comes to this end."""

    def change(root: Any, end: Any) -> bool:
        first = _flows(root, sourceRef=_gateways(root, "startEvent")[0].get("id"))[0].get(
            "targetRef"
        )
        for way in _flows(root, targetRef=end.get("id")):
            way.set("targetRef", first)
        return True

    yield from _turned(files, "endEvent", change)


def _end_gone(files: Files) -> Iterator[Mutant]:
    """One of two ends is taken out, together with the way that leads there."""

    def change(root: Any, end: Any) -> bool:
        ways = _flows(root, targetRef=end.get("id"))
        if len(_gateways(root, "endEvent")) < 2:
            return False
        for gone in (end, *ways):
            gone.getparent().remove(gone)
        return True

    yield from _turned(files, "endEvent", change)


def _way_never_taken(files: Files) -> Iterator[Mutant]:
    def change(root: Any, gateway: Any) -> bool:
        given = [w for w in _flows(root, sourceRef=gateway.get("id")) if _condition(w) is not None]
        if len(given) < 2:
            return False
        _give(given[1], _condition(given[0]).text)
        return True

    yield from _turned(files, "exclusiveGateway", change)


def _behind(root: Any, id: str) -> set[str]:
    """Return every element that a token can still come to after this one."""
    seen: set[str] = set()
    ahead = [id]
    while ahead:
        for flow in _flows(root, sourceRef=ahead.pop()):
            if flow.get("targetRef") not in seen:
                seen.add(flow.get("targetRef"))
                ahead.append(flow.get("targetRef"))
    return seen


def _asks_too_early(files: Files) -> Iterator[Mutant]:
    """A gateway asks for an answer that only a later step gives, on no way round through it."""

    def change(root: Any, gateway: Any) -> bool:
        given = [w for w in _flows(root, sourceRef=gateway.get("id")) if _condition(w) is not None]
        tasks = {
            t.get("id"): f"forms/{t.get(f'{_OURS}form')}.json" for t in _gateways(root, "userTask")
        }
        later = {
            t
            for t in tasks
            if t in _behind(root, gateway.get("id")) and gateway.get("id") not in _behind(root, t)
        }
        early: set[str] = set()
        for task in tasks.keys() - later:
            early |= set(read(files, tasks[task])["schema"]["properties"])
        for task in sorted(later) if given else ():
            for name, field in read(files, tasks[task])["schema"]["properties"].items():
                if name not in early and "enum" in field:
                    _give(given[0], f'{name} = "{field["enum"][0]}"')
                    return True
        return False

    yield from _turned(files, "exclusiveGateway", change)


def _verifies_what_comes_later(files: Files) -> Iterator[Mutant]:
    def change(root: Any, task: Any) -> bool | str:
        if not task.get(f"{_OURS}verifies"):
            return False
        for other in _gateways(root, "userTask"):
            after = other.get("id") in _behind(root, task.get("id"))
            if after and task.get("id") not in _behind(root, other.get("id")):
                task.set(f"{_OURS}verifies", other.get("id"))
                return f" verifies {other.get('id')}"
        return False

    yield from _turned(files, "userTask", change)


def _plan_never_sent_out(files: Files) -> Iterator[Mutant]:
    def change(root: Any, task: Any) -> bool:
        if task.get(f"{_OURS}service") != "plan":
            return False
        task.set(f"{_OURS}service", "await_tasks")
        del task.attrib[f"{_OURS}plan"]
        return True

    yield from _turned(files, "serviceTask", change)


def _nobody_returns(files: Files) -> Iterator[Mutant]:
    """Tasks close on the return home, and no step of the process ever says that people are home."""
    closing = [
        k
        for p in paths(files, "plans/*.yaml")
        for k, _ in places(read(files, p), "items", "*", "closes")
    ]

    def change(root: Any, task: Any) -> bool:
        if task.get(f"{_OURS}service") != "return" or not closing:
            return False
        task.set(f"{_OURS}service", "await_tasks")
        return True

    yield from _turned(files, "serviceTask", change)


def _nobody_decides_the_level(files: Files) -> Iterator[Mutant]:
    """The form that answers the response level is another: every look says raised."""

    def change(root: Any, task: Any) -> bool:
        form = f"forms/{task.get(f'{_OURS}form')}.json"
        watched = any(
            s.get(f"{_OURS}service") == "watch_alert" for s in _gateways(root, "serviceTask")
        )
        if not watched or "response_level" not in read(files, form)["schema"]["properties"]:
            return False
        task.set(f"{_OURS}form", "review")
        return True

    yield from _turned(files, "userTask", change)


def _role_below_the_case(files: Files) -> Iterator[Mutant]:
    """A step of a county's case is given to a village: from the county no village follows."""

    def change(root: Any, task: Any) -> bool:
        task.set(f"{_OURS}role", "area@village")
        return True

    yield from _turned(files, "userTask", change)


# ---- signals -----------------------------------------------------------------------------------


def _ends_in_danger(files: Files) -> Iterator[Mutant]:
    for path, signal, _ in _signals(files):
        when = signal["ends"]["when"].replace('= "none"', '!= "none"')
        yield from changed(files, path, "ends/when", put(signal, ("ends", "when"), when))


def _never_ends(files: Files) -> Iterator[Mutant]:
    for path, signal, _ in _signals(files):
        for level in signal["levels"]:
            when = f'({signal["ends"]["when"]}) and {signal["level"]} = "{level}"'
            yield from changed(
                files, path, f"ends/when and {level}", put(signal, ("ends", "when"), when)
            )


def _matters_that_merge(files: Files) -> Iterator[Mutant]:
    """What tells two things of the dataset apart is no longer asked: both become one matter."""
    for path, signal, contract in _signals(files):
        columns, given = _columns(contract), signal["same_matter"]
        key = [n for n, c in columns.items() if c.get("primaryKey") and n != signal["at"]]
        for name in (name for name in given if name in key):
            rest = [other for other in given if other != name]
            spare = [n for n, c in columns.items() if c["logicalType"] == "string" and n not in key]
            if rest or spare:
                yield from changed(
                    files,
                    path,
                    f"same_matter without {name}",
                    put(signal, ("same_matter",), rest or spare[:1]),
                )


def _keeps_a_text(files: Files) -> Iterator[Mutant]:
    for path, signal, contract in _signals(files):
        for name, column in _columns(contract).items():
            if column["logicalType"] in ("string", "timestamp") and name not in signal.get(
                "keep", []
            ):
                yield from changed(
                    files,
                    path,
                    f"keep {name}",
                    put(signal, ("keep",), [*signal.get("keep", []), name]),
                )


# ---- SQL ---------------------------------------------------------------------------------------


def _column_of_another_dataset(files: Files) -> Iterator[Mutant]:
    for path in _statements(files):
        statement = text(files, path)
        foreign = [
            column
            for id, (_, contract) in _contracts(files).items()
            if f"'{id}'" not in statement
            for column in _columns(contract)
            if not re.search(rf"\b{column}\b", statement)
        ]
        qualified = list(
            re.finditer(r"\b([a-z]\w*)\.([a-z]\w*)\b(?!['\"(])", re.sub(r"--[^\n]*", "", statement))
        )
        for found in qualified if foreign else ():
            if f"dataset('{found[0]}" not in statement and found[0] in statement:
                yield from _replaced(
                    files,
                    path,
                    f"{found[0]} becomes {foreign[0]}",
                    found[0],
                    f"{found[1]}.{foreign[0]}",
                )


def _window_without_order(files: Files) -> Iterator[Mutant]:
    """Which row is the first is left to chance."""
    for path in _statements(files):
        for found in re.finditer(
            r"row_number\(\) over \((?:partition by [\w., ]+? )?(order by [\w., ]+)\)",
            text(files, path),
        ):
            yield from _replaced(
                files, path, found[0], found[0], found[0].replace(found[1], "").replace(" )", ")")
            )


def _of_chance(files: Files) -> Iterator[Mutant]:
    for path in _statements(files):
        if re.search(r"\bwhere ", text(files, path)):
            yield from _replaced(files, path, "chance", "where ", "where random() < 0.5 and ")


def _dataset_of_another_package(files: Files) -> Iterator[Mutant]:
    other = "exists (select 1 from {{ dataset('health.patient') }})"
    for path in _statements(files):
        if re.search(r"\bwhere ", text(files, path)):
            yield from _replaced(files, path, "health.patient", "where ", f"where {other} and ")


def _number_against_text(files: Files) -> Iterator[Mutant]:
    for path in _statements(files):
        for found in re.finditer(
            r"\b((?:\w+\.)?(?:state|signal|package|item|process|level)) (=|<>) '\w+(?:\.\w+)?'",
            text(files, path),
        ):
            yield from _replaced(files, path, found[0], found[0], f"{found[1]} {found[2]} 7")


def _value_that_never_comes(files: Files) -> Iterator[Mutant]:
    for path in _statements(files):
        for found in re.finditer(
            r"\b(?:\w+\.)?(?:state|signal|package|item|process) = '(\w+(?:\.\w+)?)'",
            text(files, path),
        ):
            yield from _replaced(
                files, path, found[0], found[0], found[0].replace(f"'{found[1]}'", f"'{found[1]}s'")
            )


def _join_on_nothing(files: Files) -> Iterator[Mutant]:
    for path in _statements(files):
        for found in re.finditer(r"\bon (\w+\.\w+ = \w+\.\w+)", text(files, path)):
            yield from _replaced(files, path, found[0], found[0], "on true")


def _divided_by_nothing(files: Files) -> Iterator[Mutant]:
    """Where nothing is there to count yet, the figure is no number."""
    for path in paths(files, "indicators/*.sql"):
        for found in re.finditer(r"/ nullif\((count\(\*\)), 0\)", text(files, path)):
            yield from _replaced(files, path, found[0], found[0], f"/ {found[1]}")


# ---- who may see what ----------------------------------------------------------------------------


def _none_across_lines(files: Files) -> Iterator[Mutant]:
    """A derived dataset of one line reads what another line shares with nobody."""
    contracts = _contracts(files)
    for id, (path, contract) in contracts.items():
        for _, (_, derived) in contracts.items():
            given, own = _custom(derived), _custom(contract)
            if id not in given.get("derivedFrom", []):
                continue
            new = put(contract, _custom_keys(contract, "sharing"), "none")
            line, _, tier = own["sourceUnit"].partition("@")
            if line == given["sourceUnit"].partition("@")[0]:
                other = next(s for s in read(files, "app.yaml")["supporting"] if s != line)
                new = put(new, _custom_keys(contract, "sourceUnit"), f"{other}@{tier}")
            yield from changed(files, path, f"none, and {derived['id']} reads it", new)


def _class_lost_on_the_way(files: Files) -> Iterator[Mutant]:
    contracts = _contracts(files)
    for id, (path, contract) in contracts.items():
        passed_on: set[str] = set()
        for _, derived in contracts.values():
            inputs = _custom(derived).get("derivedFrom", [])
            # A column that another input has as well may come from there.
            others = {
                n for i in inputs if i != id and i in contracts for n in _columns(contracts[i][1])
            }
            others |= {"division_code", "name"} if "base.county" in inputs else set()
            passed_on |= _columns(derived).keys() - others if id in inputs else set()
        for place, column in enumerate(contract["schema"][0]["properties"]):
            if column["name"] in passed_on:
                keys = ("schema", 0, "properties", place, "classification")
                yield from changed(
                    files, path, f"{column['name']} is L3", put(contract, keys, "L3")
                )


def _evidence_shows_a_name(files: Files) -> Iterator[Mutant]:
    for path in paths(files, "indicators/*.sql"):
        statement = text(files, path)
        for id, (_, contract) in _contracts(files, "objects/*.yaml").items():
            alias = re.search(rf"dataset\('{id}'\) \}}\}} as (\w+)", statement)
            for name, column in _columns(contract).items():
                if alias and column["classification"] in ("L3", "L4"):
                    yield from _replaced(
                        files, path, f"shows {name}", "evidence as (\n    select ",
                        f"evidence as (\n    select {alias[1]}.{name}, ",
                    )  # fmt: skip


# ---- words ---------------------------------------------------------------------------------------


def _place_nobody_fills(files: Files) -> Iterator[Mutant]:
    names = ("messages/zh-CN.yaml", "messages/en.yaml")
    given = {name: read(files, name) for name in names}
    for key in given[names[0]]:
        # A case's title is given whatever places it has, and so is what a matter is called.
        if key.startswith(("node.", "value.", "form.", "plan.", "indicator.", "page.")):
            new = {
                name: written(name, put(g, (key,), f"{g[key]} {{nobody}}"))
                for name, g in given.items()
            }
            yield from mutant(files, f"messages: {key}", new)


# ---- contracts and samples -----------------------------------------------------------------------


def _csv_of(files: Files) -> Iterator[tuple[str, Any]]:
    for _, contract in _contracts(files).values():
        sample = _custom(contract).get("sample", "")
        if sample.endswith(".csv") and sample in files:
            yield sample, contract


def _no_such_division(files: Files) -> Iterator[Mutant]:
    for path, _ in _csv_of(files):
        for found in re.finditer(r"(?<=[,\n])33\d{10}(?=[,\n])", text(files, path)):
            tier = "county" if found[0].endswith("000000") else "township"
            if tier == "township" and not found[0].endswith("000"):
                continue
            new = text(files, path)
            new = new[: found.start()] + _NOWHERE[tier] + new[found.end() :]
            yield from mutant(
                files, f"{path}: {found[0]} at {found.start()}", {path: new.encode("utf-8")}
            )


def _pattern_unreadable(files: Files) -> Iterator[Mutant]:
    for path, contract in _contracts(files).values():
        for keys, pattern in places(
            contract, "schema", "*", "properties", "*", "logicalTypeOptions", "pattern"
        ):
            yield from changed(
                files, path, place_of(keys), put(contract, keys, pattern.replace("]", "", 1))
            )


def _example_outside(files: Files) -> Iterator[Mutant]:
    for path, contract in _contracts(files).values():
        for place, column in enumerate(contract["schema"][0]["properties"]):
            if "examples" in column and "pattern" in column.get("logicalTypeOptions", {}):
                keys = ("schema", 0, "properties", place, "examples")
                yield from changed(
                    files, path, f"examples of {column['name']}", put(contract, keys, ["?"])
                )


def _relation_of_another_type(files: Files) -> Iterator[Mutant]:
    tables = {c["schema"][0]["name"]: c for _, c in _contracts(files).values()}
    for path, contract in _contracts(files).values():
        for keys, to in places(
            contract, "schema", "*", "properties", "*", "relationships", "*", "to"
        ):
            table = to.partition(".")[0]
            for name, column in _columns(tables[table]).items():
                if column["logicalType"] in ("number", "integer"):
                    yield from changed(
                        files, path, f"to {table}.{name}", put(contract, keys, f"{table}.{name}")
                    )


def _geometry_turned_round(files: Files) -> Iterator[Mutant]:
    for path, contract in _contracts(files, "objects/*.yaml").values():
        given = _custom(contract)["geometry"]
        new = {"lon": given["lat"], "lat": given["lon"]}
        yield from changed(
            files, path, "geometry", put(contract, _custom_keys(contract, "geometry"), new)
        )


def _key_may_be_empty(files: Files) -> Iterator[Mutant]:
    for path, contract in _contracts(files).values():
        for place, column in enumerate(contract["schema"][0]["properties"]):
            if column.get("primaryKey"):
                keys = ("schema", 0, "properties", place, "required")
                yield from changed(
                    files, path, f"{column['name']} not required", put(contract, keys, False)
                )


def _circle(files: Files) -> Iterator[Mutant]:
    """A derived dataset reads itself, or two read each other: each landing starts the next."""
    derived = {
        id: pair
        for id, pair in _contracts(files, "datasets/*.yaml").items()
        if "derivedBy" in _custom(pair[1])
    }
    for id, (path, contract) in derived.items():
        given = _custom(contract)
        readers = [other for other, (_, c) in derived.items() if id in _custom(c)["derivedFrom"]]
        statement = text(files, given["derivedBy"])
        last = statement.rfind("\norder by")
        for other in [id, *readers]:
            # A cross join with at most one row: once there are rows, it changes no figure.
            join = _AGAIN.replace("other", other)
            where = statement.rfind("\nwhere", statement.rfind("\nselect"))
            where = (
                where if where > 0 else statement.rfind("\ngroup by", statement.rfind("\nselect"))
            )
            cut = where if where > 0 else last
            new = put(
                contract, _custom_keys(contract, "derivedFrom"), [*given["derivedFrom"], other]
            )
            yield from mutant(
                files, f"{path}: reads {other}",
                {
                    path: written(path, new),
                    given["derivedBy"]: (statement[:cut] + join + statement[cut:]).encode("utf-8"),
                },
            )  # fmt: skip


# ---- plans and tiers -----------------------------------------------------------------------------


def _items(files: Files) -> Iterator[tuple[str, Any, tuple[str | int, ...], Any]]:
    for path in paths(files, "plans/*.yaml"):
        plan = read(files, path)
        for keys, item in places(plan, "items", "*"):
            yield path, plan, keys, item


def _role_below_its_division(files: Files) -> Iterator[Mutant]:
    for path, plan, keys, item in _items(files):
        if item.get("for_each", {}).get("division") == "township":
            yield from changed(
                files,
                path,
                f"{item['id']} by area@village",
                put(plan, (*keys, "role"), "area@village"),
            )


def _separation_lost_by_fallback(files: Files) -> Iterator[Mutant]:
    """Water has no unit in townships: the county does the work in its place, and accepts it."""
    for path, plan, keys, item in _items(files):
        if "verify" in item and item.get("for_each", {}).get("division") == "township":
            new = put(
                put(plan, (*keys, "role"), "water@township"), (*keys, "verify"), "water@county"
            )
            yield from changed(files, path, item["id"], new)


def _tier_not_offered(files: Files) -> Iterator[Mutant]:
    app = read(files, "app.yaml")
    used = {
        role.partition("@")[2]
        for pattern, keys in (
            ("plans/*.yaml", ("items", "*", "role")),
            ("signals/*.yaml", ("none",)),
        )
        for path in paths(files, pattern)
        for _, role in places(read(files, path), *keys)
    }
    for tier in app["tiers"]:
        if tier in used:
            yield from changed(
                files,
                "app.yaml",
                f"tiers without {tier}",
                put(app, ("tiers",), [t for t in app["tiers"] if t != tier]),
            )


# ---- forms ---------------------------------------------------------------------------------------


def _prefilled_by_another_type(files: Files) -> Iterator[Mutant]:
    for path in paths(files, "forms/*.json"):
        form = read(files, path)
        for keys, place in places(form, "layout", "*"):
            if place["widget"] in ("number", "date", "checkbox"):
                new = put(form, (*keys, "prefill"), "alert_level")
                yield from changed(files, path, f"{place['field']} from alert_level", new)


# ---- scenarios -----------------------------------------------------------------------------------


def _scenarios(files: Files) -> Iterator[tuple[str, Any]]:
    for path in paths(files, "scenarios/*.yaml"):
        yield path, read(files, path)


def _hand_that_cannot(files: Files) -> Iterator[Mutant]:
    """The work is reported done by who accepts it, or was never asked; nobody expects a refusal."""
    for path, scenario in _scenarios(files):
        for keys, act in places(scenario, "when", "*", "act"):
            if "refused" not in act and act["verb"] in ("receive", "read", "accept", "complete"):
                for by in ("verifier", "finder"):
                    yield from changed(
                        files, path, f"{place_of(keys)} by {by}", put(scenario, (*keys, "by"), by)
                    )


def _happens_too_late(files: Files) -> Iterator[Mutant]:
    """All that lands comes a year later, long after it was asked what it has led to."""
    for path, scenario in _scenarios(files):
        lands = [keys for keys, _ in places(scenario, "when", "*", "land")]
        if lands and any("at" in judged for judged in scenario.get("then", [])):
            late = scenario
            for keys in lands:
                late = put(late, (*keys[:-1], "at"), "P400D")
            yield from changed(files, path, "every land at P400D", late)


def _day_that_is_none(files: Files) -> Iterator[Mutant]:
    for path, scenario in _scenarios(files):
        for keys, at in places(scenario, "given", "begins_at"):
            yield from changed(
                files, path, "begins_at", put(scenario, keys, f"2026-02-30{at[10:]}")
            )


def _answer_outside_its_form(files: Files) -> Iterator[Mutant]:
    for path, scenario in _scenarios(files):
        for keys, answer in places(scenario, "when", "*", "act", "answers", "*"):
            if re.fullmatch(r'= "\w+"', answer):
                yield from changed(
                    files, path, f"{place_of(keys)} perhaps", put(scenario, keys, '= "perhaps"')
                )
                new = put(without(scenario, keys), (*keys[:-1], "mood"), '= "good"')
                yield from changed(files, path, f"{place_of(keys)} becomes mood", new)


# ---- the V-model ---------------------------------------------------------------------------------


def _target_beyond_its_scale(files: Files) -> Iterator[Mutant]:
    """A share of more than all, a time of less than none: nobody can ever reach it, or miss it."""
    indicators = {(i := read(files, p))["id"]: i for p in paths(files, "indicators/*.yaml")}
    for path in paths(files, "vmodel.yaml"):
        vmodel = read(files, path)
        for keys, goal in places(vmodel, "goals", "*"):
            unit = indicators[goal["indicator"]]["unit"]
            for bound in goal["target"]:
                wrong = 9900 if unit == "%" else -5 if bound == "at_most" else None
                if wrong is not None:
                    yield from changed(
                        files, path, place_of(keys), put(vmodel, (*keys, "target", bound), wrong)
                    )


def _help_of_a_stranger(files: Files) -> Iterator[Mutant]:
    app = read(files, "app.yaml")
    known = {app["lead"].partition("@")[0], *app.get("supporting", [])}
    lines = ("education", "health", "energy", "agriculture", "religion")
    stranger = next(line for line in lines if line not in known)
    for path in paths(files, "vmodel.yaml"):
        vmodel = read(files, path)
        for keys, _ in places(vmodel, "tasks", "*", "units", "*"):
            yield from changed(
                files, path, place_of(keys), put(vmodel, (*keys, "with"), [f"{stranger}@county"])
            )


OPERATORS: tuple[Operator, ...] = (
    Operator(
        "rule-instant-against-number",
        "rules",
        "A time is compared with numbers: null in every row.",
        _instant_against_number,
    ),
    Operator(
        "rule-wrong-arity",
        "rules",
        "A function with an argument too many answers null, and no row hits.",
        lambda f: _expressions(f, lambda n: f"abs({n}, 2)"),
    ),
    Operator(
        "rule-unknown-function",
        "rules",
        "A function that FEEL does not have answers null.",
        lambda f: _expressions(f, lambda n: f"absolute({n})"),
    ),
    Operator(
        "rule-empty-interval", "rules", "No number lies in the interval of a row.", _empty_interval
    ),
    Operator(
        "rule-row-for-the-rest-gone",
        "rules",
        "The row for every other case is gone: some inputs have no answer.",
        _row_for_the_rest_gone,
    ),
    Operator(
        "rule-level-without-quotes",
        "rules",
        "A level without quotes is a name that nobody knows: the row answers null.",
        _level_without_quotes,
    ),
    Operator(
        "flow-choice-before-a-join",
        "flows",
        "Only one way is taken, and the join waits for the others for ever.",
        _choice_before_a_join,
    ),
    Operator(
        "flow-join-that-does-not-wait",
        "flows",
        "Each branch goes on alone: all that follows is done twice.",
        _join_that_does_not_wait,
    ),
    Operator(
        "flow-loop-without-rest",
        "flows",
        "The default way leads a gateway to itself: the step goes round without end.",
        _loop_without_rest,
    ),
    Operator(
        "flow-loop-without-a-way-out",
        "flows",
        "The last way leads back to the first step.",
        _loop_without_a_way_out,
    ),
    Operator(
        "flow-end-gone",
        "flows",
        "One of the ends is gone with the way to it: such cases never close.",
        _end_gone,
    ),
    Operator(
        "flow-way-never-taken",
        "flows",
        "A second way asks what the first asks already.",
        _way_never_taken,
    ),
    Operator(
        "flow-asks-too-early",
        "flows",
        "A gateway asks for what only a later step answers.",
        _asks_too_early,
    ),
    Operator(
        "flow-verifies-what-comes-later",
        "flows",
        "A step accepts work that is done only afterwards.",
        _verifies_what_comes_later,
    ),
    Operator(
        "flow-plan-never-sent-out",
        "flows",
        "The plan is there, and no step sends its tasks out.",
        _plan_never_sent_out,
    ),
    Operator(
        "flow-nobody-returns",
        "flows",
        "Tasks that close on the return never close: no step says that people are home.",
        _nobody_returns,
    ),
    Operator(
        "flow-nobody-decides-the-level",
        "flows",
        "The alert is watched against a level that no step ever answers.",
        _nobody_decides_the_level,
    ),
    Operator(
        "flow-role-below-the-case",
        "flows",
        "From a county nobody can say which village is meant.",
        _role_below_the_case,
    ),
    Operator(
        "signal-ends-in-danger",
        "signals",
        "The alert ends while its level stands, and starts anew when it is over.",
        _ends_in_danger,
    ),
    Operator("signal-never-ends", "signals", "The end asks for two levels at once.", _never_ends),
    Operator(
        "signal-matters-that-merge",
        "signals",
        "Rows of different things share one alert, which jumps between their levels.",
        _matters_that_merge,
    ),
    Operator(
        "signal-keeps-a-text",
        "signals",
        "What is kept is read as a number; a text or a time breaks every figure that reads it.",
        _keeps_a_text,
    ),
    Operator(
        "sql-column-of-another-dataset",
        "derivations",
        "The column belongs to a dataset that this SQL does not read.",
        _column_of_another_dataset,
    ),
    Operator(
        "sql-window-without-order",
        "derivations",
        "Which row is the first is left to chance.",
        _window_without_order,
    ),
    Operator(
        "sql-of-chance",
        "derivations",
        "The same rows give another answer each time.",
        _of_chance,
    ),
    Operator(
        "sql-dataset-of-another-package",
        "derivations",
        "A foreign package's data are read without anybody having agreed.",
        _dataset_of_another_package,
    ),
    Operator(
        "sql-number-against-text",
        "figures",
        "A text is compared with a number: it fails at the first row that is no number.",
        _number_against_text,
    ),
    Operator(
        "sql-value-that-never-comes",
        "figures",
        "The column never has this value: the figure counts nothing.",
        _value_that_never_comes,
    ),
    Operator(
        "sql-join-on-nothing", "figures", "Every row is joined with every other.", _join_on_nothing
    ),
    Operator(
        "sql-divided-by-nothing",
        "figures",
        "Before the first row there is, the figure is no number.",
        _divided_by_nothing,
    ),
    Operator(
        "share-none-across-lines",
        "datasets",
        "What a line shares with nobody is read by another line's dataset.",
        _none_across_lines,
    ),
    Operator(
        "share-class-lost",
        "datasets",
        "A personal column is passed on under a lower class.",
        _class_lost_on_the_way,
    ),
    Operator(
        "share-evidence-shows-a-name",
        "figures",
        "Whoever opens the figure reads the names of residents.",
        _evidence_shows_a_name,
    ),
    Operator(
        "word-place-nobody-fills",
        "messages",
        "A place that nobody fills breaks the page that says the word.",
        _place_nobody_fills,
    ),
    Operator(
        "sample-no-such-division",
        "samples",
        "A row lies in a division that the province does not have: nobody answers for it.",
        _no_such_division,
    ),
    Operator(
        "contract-pattern-unreadable",
        "datasets",
        "The pattern cannot be read, so nothing can be held to it.",
        _pattern_unreadable,
    ),
    Operator(
        "contract-example-outside",
        "datasets",
        "The example of a column breaks the column's own pattern.",
        _example_outside,
    ),
    Operator(
        "contract-relation-of-another-type",
        "objects",
        "A text points to a number: nothing is ever found at the other end.",
        _relation_of_another_type,
    ),
    Operator(
        "contract-geometry-turned-round",
        "objects",
        "Degrees east and north are exchanged: all things lie outside the province.",
        _geometry_turned_round,
    ),
    Operator(
        "contract-key-may-be-empty",
        "datasets",
        "A row without its key cannot be told from another.",
        _key_may_be_empty,
    ),
    Operator(
        "derived-circle",
        "derivations",
        "A dataset is derived from itself: every landing starts the next without end.",
        _circle,
    ),
    Operator(
        "plan-role-below-its-division",
        "plans",
        "From a township nobody can say which village is meant.",
        _role_below_its_division,
    ),
    Operator(
        "plan-separation-lost",
        "plans",
        "Where the lower unit does not exist, one unit does and accepts the work.",
        _separation_lost_by_fallback,
    ),
    Operator(
        "app-tier-not-offered",
        "app",
        "Tasks go to a tier to which the application is not offered.",
        _tier_not_offered,
    ),
    Operator(
        "form-prefilled-by-another-type",
        "forms",
        "A number is filled in from a word: the form is refused until somebody empties it.",
        _prefilled_by_another_type,
    ),
    Operator(
        "scenario-hand-that-cannot",
        "scenarios",
        "Somebody acts who may not, and nobody expects a refusal.",
        _hand_that_cannot,
    ),
    Operator(
        "scenario-happens-too-late",
        "scenarios",
        "It is judged before it happens.",
        _happens_too_late,
    ),
    Operator(
        "scenario-day-that-is-none", "scenarios", "The calendar has no such day.", _day_that_is_none
    ),
    Operator(
        "scenario-answer-outside-its-form",
        "scenarios",
        "The act answers what the form does not offer, or does not ask.",
        _answer_outside_its_form,
    ),
    Operator(
        "vmodel-target-beyond-its-scale",
        "vmodel",
        "The target lies beyond what the indicator can be.",
        _target_beyond_its_scale,
    ),
    Operator(
        "vmodel-help-of-a-stranger",
        "vmodel",
        "A line is to help that has never agreed to take part.",
        _help_of_a_stranger,
    ),
)
