"""The roles that see every row."""

from __future__ import annotations

from typing import Final

from common.caller import CallerRole

STAFF: Final = (CallerRole.PROGRAMME, CallerRole.OPERATOR)
