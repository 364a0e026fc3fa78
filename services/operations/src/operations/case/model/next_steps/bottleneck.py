"""A bottleneck report: the ministry that owns the rule answers it before a day."""

from __future__ import annotations

from typing import Final

from common.clock import end_of
from events.registry import BottleneckAnswered, BottleneckReported
from operations.case.model.open_step import DONE, SYSTEM, After, Kind, Step

BOTTLENECK: Final = Kind("bottleneck", named_by="report_id", nl="knelpunt", en="bottleneck")
SHOWN: Final = frozenset({"policyCode", "item", "ministry", "outcome"})

ANSWER: Final = Step("answer_bottleneck", nl="Gemeld knelpunt beantwoorden", en="Answer a reported bottleneck")

after: Final = After()
after(BottleneckReported, then=lambda event: ANSWER.by(SYSTEM, due_at=end_of(event.answer_before)))
after(BottleneckAnswered, then=DONE)
