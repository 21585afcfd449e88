"""Recipes that are started in place of failed ones, and the addresses at which that is asked for."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema, field_validator

from aof_tui.base.errors import UsageError
from aof_tui.base.secret import Secret
from aof_tui.config.group import Group
from aof_tui.config.values import Flag, SecretReference, Text, WorkspaceName, id_as_text, secure_url
from aof_tui.domain.fallback import STARTED_FOR, FallbackMeans
from aof_tui.domain.words import Reason


def _trigger(reason: Reason) -> Reason:
    if reason not in STARTED_FOR:
        raise ValueError(f"must be one of {', '.join(STARTED_FOR)}")
    return reason


Trigger = Annotated[
    Reason,
    AfterValidator(_trigger),
    WithJsonSchema({"type": "string", "enum": [str(reason) for reason in STARTED_FOR]}),
]
"""A reason for which a failure rests that no repeat ends."""

RecipeId = Annotated[
    str,
    BeforeValidator(id_as_text),
    Field(pattern=r"^[0-9]{1,20}$"),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": "^[0-9]{1,20}$"}, {"type": "integer"}]}),
]
EndpointUrl = Annotated[str, AfterValidator(secure_url)]


class EndpointSettings(Group):
    """An endpoint of Workato's API platform and the token of a client that may call it."""

    url: EndpointUrl
    token: SecretReference


class FallbackSettings(Group):
    """One fallback recipe and the one way in which it is started."""

    name: Text
    recipe: RecipeId
    workspace: WorkspaceName | None = None
    webhook: SecretReference | None = None
    endpoint: EndpointSettings | None = None
    force_run: Flag = Field(default=False, validate_default=True)
    when: tuple[Trigger, ...] = Field(default=(Reason.ATTEMPTS_USED, Reason.TIME_LIMIT), min_length=1)
    resolves: Flag = False

    @field_validator("force_run")
    @classmethod
    def _one_means(cls, force_run: bool, info: ValidationInfo) -> bool:
        known = "webhook" in info.data and "endpoint" in info.data
        if known and sum((force_run, info.data["webhook"] is not None, info.data["endpoint"] is not None)) != 1:
            raise ValueError("a fallback is started by webhook, by endpoint or by force_run: true, by one of them")
        return force_run

    @field_validator("resolves")
    @classmethod
    def _can_be_told(cls, resolves: bool, info: ValidationInfo) -> bool:
        if resolves and info.data.get("force_run"):
            raise ValueError("must be false with force_run: it carries no data by which its job could be told")
        return resolves

    @property
    def means(self) -> FallbackMeans:
        if self.webhook is not None:
            return FallbackMeans.WEBHOOK
        return FallbackMeans.FORCE_RUN if self.force_run else FallbackMeans.ENDPOINT


def webhook_address(secret: Secret) -> str:
    """The address that a secret holds. Raises UsageError, without showing it, for one that must not be called."""
    try:
        parts = urlsplit(secret.reveal())
        return secure_url(secret.reveal(), query=bool(parts.query))
    except ValueError as error:
        raise UsageError(f"the webhook's address {error}") from None
