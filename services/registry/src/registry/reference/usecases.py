"""Where a postcode lies."""

from __future__ import annotations

from common.errors import Invalid, InvalidParam
from common.persistence.transaction import Tx
from registry.reference import store
from registry.reference.model import PC4, PostcodeArea, UnknownPostcodeArea


async def area_of(tx: Tx, postcode: str, faults: list[InvalidParam]) -> PostcodeArea | None:
    """Return the area; a postcode that is not in the reference becomes one of ``faults``."""
    area = await store.area(tx, postcode[PC4])
    if area is None:
        faults.append(InvalidParam.refused("postcode", UnknownPostcodeArea(area=postcode[PC4])))
    return area


async def the_area_of(tx: Tx, postcode: str) -> PostcodeArea:
    """Return the area.

    Raises:
        Invalid: the postcode is not in the reference.
    """
    faults: list[InvalidParam] = []
    area = await area_of(tx, postcode, faults)
    if area is None:
        raise Invalid(*faults)
    return area
