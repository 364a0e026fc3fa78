"""Every import contract turns red when it is broken: tried on a copy of the sources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = (*sorted(ROOT.glob("libs/*/src")), *sorted(ROOT.glob("services/*/src")), ROOT / "hto/src", ROOT / "demo/src")
CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}
BREACHES = {
    "packages": ("matching/vacancy/model/breach.py", "import contracts"),
    "rooms": ("common/persistence/breach.py", "import common.messaging.outbox"),
    "slices-notifications": ("notifications/fact/usecases.py", "import notifications.feed.store"),
    "slices-operations": ("operations/case/queries.py", "import operations.figure.store"),
    "slices-registry": ("registry/vacancy/usecases.py", "import registry.trainer.store"),
    "slices-contracts": ("contracts/fact/usecases.py", "import contracts.contract.store"),
    "slices-matching": ("matching/ranking/usecases.py", "import matching.proposal.store"),
    "slice-layers": ("contracts/contract/store.py", "import contracts.contract.usecases"),
    "pure": ("rules/breach.py", "import common.persistence.database"),
    "sql": ("operations/case/handlers.py", "import sqlalchemy"),
    "kafka": ("hto/breach.py", "import aiokafka"),
    "language": ("common/breach.py", "import events.registry"),
    "outside": ("operations/clock/usecases.py", "import httpx2"),
}
"""What breaks each: a line that is added to a file, which may be new."""
MORE = [
    ("packages", "events/breach.py", "import common.messaging.log"),
    ("packages", "common/breach.py", "import rules"),
    ("packages", "rules/breach.py", "import registry"),
    ("packages", "registry/breach_of_hto.py", "import hto"),
    ("packages", "embedded/breach.py", "import rules"),
    ("rooms", "common/runtime/breach.py", "import common.persistence.database"),
    ("rooms", "common/a_room_nobody_knows.py", "ROOM = 1"),
    ("slices-contracts", "contracts/a_slice_that_app_does_not_name.py", "SLICE = 1"),
    ("slices-registry", "registry/a_slice_that_app_does_not_name.py", "SLICE = 1"),
    ("slices-registry", "registry/fields.py", "import registry.policy.model"),
    ("slices-contracts", "contracts/tables.py", "import contracts.fact.model"),
    ("slices-notifications", "notifications/a_slice_that_app_does_not_name.py", "SLICE = 1"),
    ("slice-layers", "notifications/endpoint/channels/breach.py", "import notifications.endpoint.store"),
    ("slice-layers", "contracts/contract/helpers.py", "HELPERS = 1"),
    ("slice-layers", "contracts/contract/routes.py", "import contracts.contract.handlers"),
    ("slice-layers", "registry/policy/usecases.py", "import registry.policy.routes"),
    ("pure", "registry/trainer/model/profile.py", "import sqlalchemy"),
    ("pure", "contracts/fact/model.py", "import sqlalchemy"),
    ("sql", "contracts/contract/usecases.py", "import sqlalchemy"),
    ("sql", "registry/trainer/usecases/trainer.py", "import sqlalchemy"),
    ("outside", "contracts/contract/usecases.py", "import httpx2"),
    ("slices-matching", "matching/a_slice_that_app_does_not_name.py", "SLICE = 1"),
    ("slices-matching", "matching/profile/model/pool.py", "import matching.ranking.model.ranking"),
    ("slice-layers", "matching/vacancy/queries.py", "import matching.vacancy.usecases"),
    ("pure", "matching/ranking/model/law.py", "import sqlalchemy"),
    ("sql", "matching/proposal/usecases/search.py", "import sqlalchemy"),
    ("outside", "matching/candidate/usecases.py", "import httpx2"),
    ("outside", "notifications/message/usecases/breach.py", "import aiosmtplib"),
    ("pure", "notifications/message/model/breach.py", "import sqlalchemy"),
    ("sql", "notifications/message/channels/breach.py", "import sqlalchemy"),
    ("slices-operations", "operations/a_slice_that_app_does_not_name.py", "SLICE = 1"),
    ("pure", "events/breach.py", "import sqlalchemy"),
    ("pure", "common/lifecycle.py", "import sqlalchemy"),
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages side by side, without what only runs."""
    copy = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", copy)
    (copy / "tests/support").mkdir(parents=True)
    shutil.copy(ROOT / "tests/support/slices_contract.py", copy / "tests/support")
    for source in SOURCES:
        shutil.copytree(
            source, copy / "src", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.json")
        )
    return copy


def _lint(tree: Path, contract: str) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [command, "--contract", contract, "--cache-dir", tree / "cache"],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree / "src"), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_there_is_a_breach_for_every_contract() -> None:
    assert BREACHES.keys() == CONTRACTS.keys()


@pytest.mark.parametrize(("contract", "file", "line"), [*((name, *breach) for name, breach in BREACHES.items()), *MORE])
def test_a_breach_turns_its_contract_red(tree: Path, contract: str, file: str, line: str) -> None:
    path = tree / "src" / file
    before = path.read_text() if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n")
    try:
        linted = _lint(tree, contract)
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_text(before)
    assert linted.returncode == 1, linted.stdout + linted.stderr
    assert "BROKEN" in linted.stdout
    assert Path(file).stem in linted.stdout or file.partition("/")[0] in linted.stdout
