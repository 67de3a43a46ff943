"""The size of the image on the pages is about that of the binary."""

from __future__ import annotations

import json

import pytest
from support import binary
from support.environment import REPOSITORY

# Small changes need no new figures; larger ones do.
SLACK = 0.05


def test_performance_md_has_its_size():
    measured = json.loads((REPOSITORY / "benches/results/image.json").read_text())["sizes"]["binary"]
    again = "benches/plot benches/results/DATE.json --image BINARY measures it"
    assert measured == pytest.approx(binary.path().stat().st_size, rel=SLACK), again


def test_fleet_md_has_its_size():
    costs = json.loads((REPOSITORY / "simulations/pod-starts/unit-costs.json").read_text())
    again = "simulations/pod-starts/run image --binary BINARY measures it"
    assert costs["init"]["image_binary_bytes"] == pytest.approx(binary.path().stat().st_size, rel=SLACK), again
