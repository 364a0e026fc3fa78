"""What the containers of `docker compose up` take while nothing happens, in percent of one core."""

from __future__ import annotations

import argparse
import sys
import time

from testcontainers.core.docker_client import DockerClient

from bench.machine import describe, table

LABEL = "com.docker.compose.service"


def processor_seconds(project: str) -> dict[str, float]:
    """The time on a processor of each running container of a Compose project, as the engine counts it."""
    containers = DockerClient().client.containers.list(filters={"label": f"com.docker.compose.project={project}"})
    return {
        container.labels[LABEL]: container.stats(stream=False, one_shot=True)["cpu_stats"]["cpu_usage"]["total_usage"]
        / 1e9
        for container in containers
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--project", default="hto")
    options = parser.parse_args()
    began, before = time.monotonic(), processor_seconds(options.project)
    if not before:
        parser.error(f"no container of a Compose project {options.project!r} runs: docker compose up, or --project")
    print(f"Measuring for {options.seconds:.0f} seconds…", file=sys.stderr)
    time.sleep(options.seconds)
    took, after = time.monotonic() - began, processor_seconds(options.project)
    shares = {name: 100 * (after[name] - before[name]) / took for name in after if name in before}
    print(f"{describe()}; {took:.0f} seconds\n")
    print(table(["container", "% of a core"], [[name, f"{share:.1f}"] for name, share in sorted(shares.items())]))
    print(f"\nall together: {sum(shares.values()):.1f} %")


if __name__ == "__main__":
    main()
