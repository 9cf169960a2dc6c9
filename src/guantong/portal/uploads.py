"""How much one request may carry: refused by its declared length, before a byte of it is kept.

Django's own limit does not count files. Without one of ours anybody who reaches a form, signed in
or not, could fill the disk.
"""

import tempfile
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
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


class NamelessUpload(FileUploadHandler):
    """Keeps what is too large for memory in a file without a name: a killed process leaves none."""

    def new_file(self, *args: Any, **more: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **more)
        self.file: UploadedFile[Any] = UploadedFile(
            tempfile.TemporaryFile(),  # noqa: SIM115 - closed with the request
            self.file_name, self.content_type, 0, self.charset, self.content_type_extra,
        )  # fmt: skip

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a piece."""
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[Any]":
        """Hand out the file."""
        self.file.seek(0)
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        """Let go of what came so far."""
        if hasattr(self, "file"):
            self.file.close()
