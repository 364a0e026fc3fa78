"""The garbage collector leaves alone what stays as long as its process."""

from __future__ import annotations

import subprocess
import sys

LOOK = """
import gc
from common.runtime.collector import leave_alone_what_is_there

kept = [[number] for number in range(1000)]
leave_alone_what_is_there()
print(gc.get_freeze_count() > 1000, any(one is kept for one in gc.get_objects()))
later = [[]]
print(any(one is later for one in gc.get_objects()))
"""


def test_objects_of_the_start_are_collected_no_more_and_later_ones_are() -> None:
    """In a process of its own: nothing is ever taken back from there."""
    looked = subprocess.run([sys.executable, "-c", LOOK], check=True, capture_output=True, text=True)
    assert looked.stdout.split() == ["True", "False", "True"]
