"""How much one request may carry: refused by its declared length, before a byte of it is kept.

Django's own limit does not count files. Without one of ours anybody who reaches a form, signed in
or not, could fill the disk.
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

# Ours: three files of the largest kind, or ten photos of a phone.
MOST_BYTES = 64 * 1024 * 1024


class LimitedUpload(FileUploadHandler):
    """The first of the upload handlers: it keeps nothing, and refuses what is too much."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Mapping[str, str],  # noqa: N803 - Django's name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Refuse a request that declares more than is taken."""
        if content_length > MOST_BYTES:
            raise RequestDataTooBig("more than one request may carry")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass the bytes on to the handler that keeps them."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handler that kept it."""
        return
