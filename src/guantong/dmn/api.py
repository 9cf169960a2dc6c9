"""The front door of decisions."""

from guantong.dmn.batch import Answers, decide_all
from guantong.dmn.boxed import (
    ARGUMENT_TYPE,
    ARGUMENTS,
    NO_FUNCTION,
    NO_LOGIC,
    NOT_BOOLEAN,
    WRONG_TYPE,
    LiteralExpression,
    Logic,
)
from guantong.dmn.coverage import Border, Coverage, borders, coverage, days_between, numbers_between
from guantong.dmn.document import namespace_of
from guantong.dmn.errors import (
    DmnAmbiguous,
    DmnColumn,
    DmnFaulty,
    DmnImport,
    DmnNoDecision,
    DmnReference,
    DmnUnreadable,
    DmnUnsupported,
)
from guantong.dmn.examine import Finding, examine
from guantong.dmn.explain import explain
from guantong.dmn.model import Decision, InputData, Knowledge, Model, Service
from guantong.dmn.outcome import Fault, Hit, Match, Outcome
from guantong.dmn.policy import (
    AGGREGATIONS,
    HIT_POLICIES,
    NOT_SAME,
    NOT_SUMMABLE,
    NOT_UNIQUE,
    settle,
)
from guantong.dmn.reader import Import, read
from guantong.dmn.table import (
    INPUT_NOT_ALLOWED,
    OUTPUT_NOT_ALLOWED,
    Cell,
    DecisionTable,
    Formula,
    Input,
    Output,
    Rule,
)

__all__ = [
    "AGGREGATIONS",
    "ARGUMENTS",
    "ARGUMENT_TYPE",
    "HIT_POLICIES",
    "INPUT_NOT_ALLOWED",
    "NOT_BOOLEAN",
    "NOT_SAME",
    "NOT_SUMMABLE",
    "NOT_UNIQUE",
    "NO_FUNCTION",
    "NO_LOGIC",
    "OUTPUT_NOT_ALLOWED",
    "WRONG_TYPE",
    "Answers",
    "Border",
    "Cell",
    "Coverage",
    "Decision",
    "DecisionTable",
    "DmnAmbiguous",
    "DmnColumn",
    "DmnFaulty",
    "DmnImport",
    "DmnNoDecision",
    "DmnReference",
    "DmnUnreadable",
    "DmnUnsupported",
    "Fault",
    "Finding",
    "Formula",
    "Hit",
    "Import",
    "Input",
    "InputData",
    "Knowledge",
    "LiteralExpression",
    "Logic",
    "Match",
    "Model",
    "Outcome",
    "Output",
    "Rule",
    "Service",
    "borders",
    "coverage",
    "days_between",
    "decide_all",
    "examine",
    "explain",
    "namespace_of",
    "numbers_between",
    "read",
    "settle",
]
