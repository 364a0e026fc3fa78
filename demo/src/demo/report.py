"""The report of the journey: line by line for people, and as one document for machines."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from common.clock import AMSTERDAM

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One step as it went."""

    number: int
    step: str
    case: str | None
    event: str | None
    held: bool
    what: str | None
    """What was checked, or why it failed."""
    at: str
    """Business time."""
    seconds: float


class Reporter:
    """Prints each step when it is over; ``console`` None says nothing."""

    def __init__(self, console: Console | None) -> None:
        """Begin."""
        self._console, self._case, self._seconds = console, "", 0.0
        self.lines: list[Line] = []

    def scene(self, title: str) -> None:
        """Name what comes now."""
        self._case = ""
        self._print(f"\n{title}", style="bold")

    def step(self, line: Line) -> None:
        """Tell how a step went."""
        self.lines.append(line)
        if line.case and line.case != self._case:
            self._case = line.case
            self._print(f"      case {line.case}", style="dim")
        mark = "[green]✓[/]" if line.held else "[red]✗[/]"
        self._print(f"{line.number:>3} {mark} {line.step:<72} {line.event or '':<32} {line.seconds:6.2f} s")
        if line.what:
            self._print(f"      {line.what}", style="red" if not line.held else "dim", markup=False)

    def time_is(self, now: datetime) -> None:
        """Tell that time has passed."""
        self._print(f"      it is {now.astimezone(AMSTERDAM):%A %d %B %Y, %H:%M}", style="cyan")

    def over(self, *, held: bool, seconds: float) -> None:
        """Tell the end."""
        self._seconds = seconds
        count = len(self.lines)
        if held:
            self._print(f"\nAll {count} steps held, in {seconds:.1f} s.", style="bold green")
        else:
            self._print(f"\nStep {count} failed: {self.lines[-1].step}", style="bold red")

    def document(self, *, held: bool) -> dict[str, Any]:
        """Return all of it for machines."""
        return {"held": held, "seconds": round(self._seconds, 3), "steps": [asdict(line) for line in self.lines]}

    def _print(self, text: str, **how: Any) -> None:
        if self._console:
            self._console.print(text, soft_wrap=True, **how)
