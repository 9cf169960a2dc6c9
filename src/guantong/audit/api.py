"""The front door of ``guantong.audit``."""

from guantong.audit.check import Fault, Report, check, has_log
from guantong.audit.leaf import Leaf
from guantong.audit.ports import Witness, bring_witness
from guantong.audit.service import recount, sequence, write

__all__ = [
    "Fault", "Leaf", "Report", "Witness", "bring_witness", "check", "has_log",
    "recount", "sequence", "write",
]  # fmt: skip
