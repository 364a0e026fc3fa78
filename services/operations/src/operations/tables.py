"""The metadata that the tables of all slices share."""

from __future__ import annotations

from sqlalchemy import (
    MetaData,
)

from common.persistence.processing_log import processing_log as declare_processing_log
from common.persistence.tables import add_plumbing

metadata = MetaData()
plumbing = add_plumbing(metadata)
processing_log = declare_processing_log(metadata)
