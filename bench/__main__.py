"""All measurements, one after the other; each is a module that can be run alone: ``python -m bench.ranking``."""

from __future__ import annotations

import subprocess
import sys

RUNS = (
    ("log_append",),
    ("event_flow", "--log", "postgresql"),
    ("event_flow", "--log", "kafka"),
    ("latency", "--log", "postgresql"),
    ("latency", "--log", "kafka"),
    ("writes",),
    ("ranking",),
    ("plan",),
    ("simulation",),
    ("sweep",),
    ("year",),
)


def main() -> int:
    """Run those whose name is given, or all."""
    wanted = set(sys.argv[1:])
    failed = 0
    for module, *arguments in RUNS:
        if not wanted or module in wanted:
            print(f"\n## {module} {' '.join(arguments)}\n", flush=True)
            failed |= subprocess.run([sys.executable, "-m", f"bench.{module}", *arguments], check=False).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main())
