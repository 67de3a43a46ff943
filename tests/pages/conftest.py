from collections.abc import Iterator

import pytest
from room import Building
from support import binary


@pytest.fixture(scope="session")
def building(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Building]:
    if not binary.path().is_file():
        pytest.exit(f"no binary at {binary.path()}: run ./test, or set TRUST_INIT_BIN", 2)
    with Building(tmp_path_factory.mktemp("building")) as building:
        yield building
