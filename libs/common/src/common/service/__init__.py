"""A service: declared, and at work in a process."""

from common.service.declaration import PARTITIONS, Service
from common.service.loop import Loop, LoopContext
from common.service.projection import HandedOut, Projection
from common.service.slice import Slice

__all__ = ["PARTITIONS", "HandedOut", "Loop", "LoopContext", "Projection", "Service", "Slice"]
