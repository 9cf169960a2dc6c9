"""What several operations have in common: refusals, pages of a list, texts that may be stored."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Schema
from pydantic import ConfigDict, Field, StringConstraints

# Neither the store nor a page takes a NUL.
NO_NUL = r"^[^\x00]*$"
Cursor = Annotated[str, StringConstraints(max_length=120, pattern=NO_NUL)]
PlaceCode = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{12}$", min_length=12, max_length=12),
    Field(description="Statistical code of a division, twelve digits (GB/T 2260 and GB/T 10114)",
          examples=["331081000000"]),
]  # fmt: skip


def search(description: str) -> Any:
    """Return what a text to look for may be."""
    return Query(description=description, max_length=60, pattern=NO_NUL)  # type: ignore[type-arg]


class Shape(Schema):
    """A shape of this interface; one that is sent to us holds no field that is not described."""

    model_config = ConfigDict(extra="forbid")


class Refusal(Shape):
    """What was refused: a stable code, a sentence why, what to do next, and a number to ask by."""

    code: str = Field(examples=["access-refused"])
    message: str
    remedy: str
    trace: UUID


class Named(Shape):
    """Something with a number and a name in the language asked for."""

    id: UUID
    name: str


class Post(Shape):
    """A post that somebody holds."""

    unit: Named
    unit_code: str = Field(examples=["emergency@331081"])
    post: str = Field(description="Kind of post", examples=["duty"])
    held: str = Field(description="held, acting, or delegated", examples=["held"])


# What every operation may answer besides its own.
ALWAYS: dict[int, Any] = {401: Refusal, 403: Refusal, 422: Refusal, 429: Refusal}
OF_ONE: dict[int, Any] = {**ALWAYS, 404: Refusal}
# Of an operation that changes something.
OF_AN_ACT: dict[int, Any] = {**OF_ONE, 409: Refusal, 413: Refusal, 415: Refusal}
