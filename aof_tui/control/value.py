"""What crosses between an engine and whoever looks at it: values that never change and hold nothing but plain data."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Whole = Annotated[int, Meta(ge=-(2**53), le=2**53)]
"""A whole number that comes from outside: larger ones do not survive other languages' JSON, nor fit the store."""


class Value(Struct, frozen=True, forbid_unknown_fields=True):
    """A row, query, command or message. Its fields and their types are the whole description of its JSON form."""
