"""What holds for every pytest suite."""

import os

from support import environment


def pytest_configure() -> None:
    """No test starts with the machine's own trust; some clients read it when imported."""
    for variable in environment.ca_variables():
        os.environ.pop(variable, None)
