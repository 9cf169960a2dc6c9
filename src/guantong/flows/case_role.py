"""A role whose line the case itself names: ``{responsible_line}@county``.

Which department answers for a matter is often known only when the matter is: whoever enters it
chooses the line, and the steps that follow go there. The name in braces is a variable of the
case; the doctor sees to it that a form answers it and that its choices are lines.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guantong.flows.errors import LineNotNamed
from guantong.orgs.api import AREA, Role, lines

_NAMED = re.compile(r"\{([a-z][a-z0-9_]*)\}@(\S+)")


@dataclass(frozen=True, slots=True)
class CaseRole:
    """A role as a step or an item of a plan writes it, settled once the case is known."""

    text: str

    @property
    def variable(self) -> str | None:
        """The variable of the case that names the line; None where the line is written out."""
        found = _NAMED.fullmatch(self.text)
        return found[1] if found else None

    def with_line(self, line: str) -> str:
        """Return the role as it is written for that line."""
        found = _NAMED.fullmatch(self.text)
        return f"{line}@{found[2]}" if found else self.text

    def settled(self, data: Mapping[str, Any]) -> Role:
        """Return the role in a case with these variables; what is no line there is refused."""
        variable = self.variable
        if variable is None:
            return Role.parse(self.text)
        line = data.get(variable)
        if line != AREA and line not in lines():
            raise LineNotNamed(role=self.text, variable=variable)
        return Role.parse(self.with_line(str(line)))
