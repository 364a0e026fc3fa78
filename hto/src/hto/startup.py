"""How every long-running command begins: settings that are right, or a message that says what is not."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from common.settings import Settings


class ServiceName(StrEnum):
    """The five services, as an argument."""

    REGISTRY = "registry"
    MATCHING = "matching"
    CONTRACTS = "contracts"
    NOTIFICATIONS = "notifications"
    OPERATIONS = "operations"


def settings_or_exit(**overrides: object) -> Settings:
    """Read the environment; where it is wrong, say so on standard error and end with status 2."""
    from common.settings import SettingsError, load

    try:
        return load(**overrides)
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
