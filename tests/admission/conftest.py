"""What the tests of admission share: Kubernetes' own plugins, and the charts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support import admission, helm


@pytest.fixture(scope="session")
def server() -> Iterator[admission.Server]:
    with admission.Server() as server:
        yield server


@pytest.fixture(scope="session")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[helm.Charts]:
    """A copy with its dependencies built."""
    charts = helm.Charts(tmp_path_factory.mktemp("charts"))
    yield charts
    charts.close()
