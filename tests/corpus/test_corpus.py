"""Files of public projects, and files bent from the test vectors: whatever a real reader takes from the same bytes
trust-init has, or refuses by name. `compare.py --full` and `fuzz.py 600` are the long runs.
"""

import pytest

from corpus import compare, differences, fuzz, ledger

# One in so many files of the sample: half a minute for all readers together.
SHARE = 8


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, str], list[str]]:
    files = compare.with_passwords(compare.gathered("--sample")[::SHARE])
    assert len(files) > 150
    return compare.by_name(compare.compared(files))


def test_each_difference_has_a_reason(found):
    assert ledger.unexplained(found) == []


def test_nothing_is_lost_in_silence_and_no_key_passes(found):
    assert [key for key in found if key[0] in differences.NEVER] == []
    assert [key for key in ledger.read() if key[0] in differences.NEVER] == []


@pytest.mark.parametrize("only_keys", [False, True], ids=["bent files", "files with a key"])
def test_some_bent_files_hold_nothing_that_is_lost(only_keys, tmp_path, capsys):
    kinds = fuzz.run(seed=20261127, into=tmp_path, only_keys=only_keys, most=100)

    assert kinds == 0, capsys.readouterr().out
