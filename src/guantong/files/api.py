"""The front door of ``guantong.files``."""

from guantong.files.check import FileFault, FilesReport, check
from guantong.files.content import KINDS, examine
from guantong.files.document_paper import pdf_fault
from guantong.files.document_service import (
    DocumentView,
    Issuer,
    agency_word,
    by_code,
    date_text,
    declare_void,
    document,
    documents_of,
    issue,
    preview,
    text_of,
)
from guantong.files.document_text import Draft, faults, kinds, propose
from guantong.files.limits import MOST_BYTES, MOST_FILES, UNDO_HOURS
from guantong.files.preview import pages_of, picture_of
from guantong.files.queries import FileView, Owner, bytes_of, file, files_of
from guantong.files.sealed_contents import seal_waiting
from guantong.files.service import (
    add,
    clear_now_and_then,
    collect,
    refusal_of,
    remove,
    restore,
    scan_waiting,
)

__all__ = [
    "KINDS", "MOST_BYTES", "MOST_FILES", "UNDO_HOURS", "DocumentView", "Draft", "FileFault",
    "FileView", "FilesReport", "Issuer", "Owner", "add", "agency_word", "by_code", "bytes_of",
    "check", "clear_now_and_then", "collect", "date_text", "declare_void", "document",
    "documents_of", "examine", "faults", "file", "files_of", "issue", "kinds", "pages_of",
    "pdf_fault", "picture_of", "preview", "propose", "refusal_of", "remove", "restore",
    "scan_waiting", "seal_waiting", "text_of",
]  # fmt: skip
