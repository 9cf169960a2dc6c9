"""The front door of decisions."""

from guantong.dmn.batch import Answers, decide_all
from guantong.dmn.coverage import Coverage, borders, coverage, numbers_between
from guantong.dmn.errors import (
    DmnColumn,
    DmnFaulty,
    DmnNoDecision,
    DmnReference,
    DmnUnreadable,
    DmnUnsupported,
)
from guantong.dmn.examine import Finding, examine
from guantong.dmn.explain import explain
from guantong.dmn.model import Decision, LiteralExpression, Logic, Model
from guantong.dmn.outcome import Fault, Hit, Match, Outcome
from guantong.dmn.reader import read
from guantong.dmn.table import NOT_UNIQUE, DecisionTable, Formula

__all__ = [
    "NOT_UNIQUE",
    "Answers",
    "Coverage",
    "Decision",
    "DecisionTable",
    "DmnColumn",
    "DmnFaulty",
    "DmnNoDecision",
    "DmnReference",
    "DmnUnreadable",
    "DmnUnsupported",
    "Fault",
    "Finding",
    "Formula",
    "Hit",
    "LiteralExpression",
    "Logic",
    "Match",
    "Model",
    "Outcome",
    "borders",
    "coverage",
    "decide_all",
    "examine",
    "explain",
    "numbers_between",
    "read",
]
