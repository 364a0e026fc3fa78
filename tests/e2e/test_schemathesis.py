"""Schemathesis asks all five services what their documents promise, the same requests each time."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Final

import pytest

from common.caller import CallerRole
from hto.services import NAMES, all_scopes
from tests.e2e.system import System

CONFIG: Final = Path(__file__).with_name("schemathesis.toml")
EXAMPLES: Final = 3
"""Of each operation in the fuzzing phase; the coverage phase goes through every keyword of its schemas besides."""


@pytest.mark.parametrize("name", NAMES)
async def test_the_service_answers_as_its_document_says(on_postgresql: System, tmp_path: Path, name: str) -> None:
    claims = {"roles": [role.value for role in CallerRole], "org": [], "regions": ["AM28"]}
    token = on_postgresql.issuer.issue("portal", scope=" ".join(all_scopes()), claims=claims)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"),
        f"{on_postgresql.settings.public_url}/{name}/v1/openapi.json",
        *("--header", f"Authorization: Bearer {token}", "--phases", "examples,coverage,fuzzing"),
        *(
            "--max-examples",
            str(EXAMPLES),
            "--generation-deterministic",
            "--no-shrink",
            "--no-color",
            "--warnings",
            "off",
        ),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode(errors="replace")[-20_000:]
