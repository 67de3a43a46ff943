"""The environment that every program under test is started with: chosen, never inherited."""

import os
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SETUP = REPOSITORY / "tests" / "setup"

# Nothing of the caller's home directory (.curlrc, .netrc, pip's settings) may decide a test.
_HOME = tempfile.TemporaryDirectory(prefix="trust-init-home-")


def ca_variables() -> list[str]:
    """The variables through which a machine hands its own trust to a client."""
    lines = (SETUP / "ca-variables.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def clean(**more: str | Path) -> dict[str, str]:
    """A whole environment: a PATH, a UTF-8 locale, an empty home, and what the test names."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": _HOME.name,
        "LC_ALL": "C.UTF-8",
        **{name: str(value) for name, value in more.items()},
    }
