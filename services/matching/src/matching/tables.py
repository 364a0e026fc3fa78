"""The metadata and the plumbing's tables that all slices of matching share."""

from __future__ import annotations

from typing import Final

from sqlalchemy import MetaData

from common.persistence.processing_log import processing_log as declare_processing_log
from common.persistence.tables import add_plumbing

metadata: Final = MetaData()
plumbing: Final = add_plumbing(metadata)
processing_log: Final = declare_processing_log(metadata)
