"""Every set of rules that some record leaves, without asking for every record.

Values of a name that leave the same rules are one value; two ways that have left the same rules are
one way from there on. So a table of five hundred rows, whose combinations of values nobody could
count, has some thousands of ends, and each keeps one record that comes to it.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import and_

from guantong.dmn.index import KNOWN, RuleIndex
from guantong.dmn.table import DecisionTable
from guantong.feel.api import Value, plain_name

# Ours: more ways than this are not gone; a doctor answers in seconds.
MOST_WAYS = 300_000
Given = Mapping[str, Value]


class Sweep:
    """The names of a table with what each of their values leaves, the most telling name first."""

    def __init__(
        self, rules: int, choices: Mapping[str, Mapping[int, Value]], *, first_hit: bool
    ) -> None:
        self.names = sorted(choices, key=lambda name: _breadth(choices[name]))
        self.choices = [choices[name] for name in self.names]
        self.all = (1 << rules) - 1
        self.first_hit = first_hit
        # What every choice of the names from here on leaves.
        self.sure = [self.all] * (len(self.names) + 1)
        for place in range(len(self.names) - 1, -1, -1):
            self.sure[place] = self.sure[place + 1] & reduce(and_, self.choices[place], self.all)

    def ends(self) -> Iterator[tuple[int, Given | None]]:
        """Yield the rules that hit and a record they hit for; no record where there are too many.

        Of a table of which the first hit counts, only that one.
        """
        ways: dict[int, tuple[Value, ...]] = {self._left(self.all, 0): ()}
        gone = 0
        for place, choice in enumerate(self.choices):
            following: dict[int, tuple[Value, ...]] = {}
            for alive, given in ways.items():
                gone += len(choice)
                if gone > MOST_WAYS:
                    yield 0, None
                    return
                for left, value in choice.items():
                    following.setdefault(self._left(alive & left, place + 1), (*given, value))
            ways = following
        for alive, given in ways.items():
            yield alive, dict(zip(self.names, given, strict=True))

    def _left(self, alive: int, place: int) -> int:
        if not self.first_hit:
            return alive
        # Behind a rule that is sure to hit no rule ever decides.
        sure = alive & self.sure[place]
        return alive & (((sure & -sure) << 1) - 1) if sure else alive


def sweep_of(table: DecisionTable, values: Mapping[str, Sequence[Value]]) -> Sweep | None:
    """Return the sweep of a table over these values, none where cells have to be asked."""
    index, names = table.index, [plain_name(each.formula.expression) for each in table.inputs]
    if index is None or index.open or any(name not in values for name in names):
        return None
    if not all(type(value) in KNOWN for name in values for value in values[name]):
        return None
    choices = {name: _choices(index, names, name, values[name]) for name in values}
    return Sweep(len(table.rules), choices, first_hit=table.hit_policy == "FIRST")


def _choices(
    index: RuleIndex, names: Sequence[str | None], name: str, values: Sequence[Value]
) -> dict[int, Value]:
    columns = [column for column in index.columns if names[column.place] == name]
    found: dict[int, Value] = {}
    for value in values:
        left = reduce(and_, (each.find[type(value)](value) for each in columns), index.all)
        found.setdefault(left, value)
    return found


def _breadth(choice: Mapping[int, Value]) -> float:
    return sum(left.bit_count() for left in choice) / max(1, len(choice))
