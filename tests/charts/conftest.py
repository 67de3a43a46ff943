"""What the tests of the charts share: the charts as a user has them, and Helm."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cases import chart_of, values_of
from support import binary, helm


@pytest.fixture(scope="session")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[helm.Charts]:
    """A copy with its dependencies built."""
    charts = helm.Charts(tmp_path_factory.mktemp("charts"))
    yield charts
    charts.close()


@pytest.fixture(scope="session")
def shipped() -> Path:
    """The release binary. Missing is a failure: a suite that skips has tested nothing."""
    path = binary.path()
    if not path.is_file():
        pytest.exit(f"no binary at {path}: run ./test, or set TRUST_INIT_BIN", 2)
    return path


@pytest.fixture(scope="session")
def chain() -> str:
    """A customer's chain."""
    return (helm.REPOSITORY / "examples" / "client-ca-chain.pem").read_text()


@pytest.fixture
def pod(charts: helm.Charts) -> Callable[..., dict]:
    """One pod's template; driver and executors differ in their names alone."""

    def pod(trust: dict, run: str = "spark-submit", **more) -> dict:
        documents = charts.render(values_of(run, trust, **more), chart_of(run))
        templates = helm.pod_templates(documents)
        if run == "deployment":
            return templates["deployment"]
        one, other = (
            json.dumps(templates[role]).replace(role, "ROLE") for role in ("driver", "executor")
        )
        assert one == other
        return templates["driver"]

    return pod
