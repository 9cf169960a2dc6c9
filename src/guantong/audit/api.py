"""The front door of ``guantong.audit``."""

from guantong.audit.archive import RETENTION_YEARS, ArchivedMonth, archive
from guantong.audit.archived import ArchiveFile, bring_back, examine_archive
from guantong.audit.behind import behind
from guantong.audit.check import Fault, Report, check, has_log
from guantong.audit.export import export
from guantong.audit.instrument import acting_with
from guantong.audit.leaf import Leaf
from guantong.audit.note import Head
from guantong.audit.ports import Witness, bring_witness
from guantong.audit.proof import (
    Told,
    consistency_of,
    history,
    newest,
    proof_of,
    public_keys,
    verifier_source,
)
from guantong.audit.service import recount, sequence, sign_unsigned, write

__all__ = [
    "RETENTION_YEARS", "ArchiveFile", "ArchivedMonth", "Fault", "Head", "Leaf", "Report", "Told",
    "Witness", "acting_with", "archive", "behind", "bring_back", "bring_witness", "check",
    "consistency_of", "examine_archive", "export", "has_log", "history", "newest", "proof_of",
    "public_keys", "recount", "sequence", "sign_unsigned",
    "verifier_source", "write",
]  # fmt: skip
