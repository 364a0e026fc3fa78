"""Record who looked at a case as staff: programme, operators and desks see it whole, its parties their own part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from common.caller import Caller
from common.persistence.processing_log import record_processing
from common.persistence.transaction import Tx

ACTIVITY: Final = "https://hybride-techniekopleiders.nl/processing/cases"
"""In the register of processing activities."""
CASE_ID_TYPE: Final = "urn:nl.hybride-techniekopleiders:case"


async def record_look(tx: Tx, caller: Caller, case: Mapping[str, Any], people: list[UUID]) -> None:
    """Record a look at a case as a whole, under the case and under each trainer in it."""
    if case["whole"]:
        await record_processing(tx, caller, ACTIVITY, case["id"], id_type=CASE_ID_TYPE)
        await record_processing(tx, caller, ACTIVITY, *people)
