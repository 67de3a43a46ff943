"""benches/run runs to its end with this program, its server and its watch. How long it took is not
asked: the figures of three rounds mean nothing.
"""

import json
import subprocess

from support import binary, environment

RUN = environment.REPOSITORY / "benches" / "run"


def test_a_quick_run_measures_every_command(tmp_path):
    report = tmp_path / "report.md"
    places = ["--disk", tmp_path / "disk", "--report", report]
    done = subprocess.run(
        [*map(str, [RUN, "--quick", "--binary", binary.path(), "--before", binary.path(), *places])],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert report.read_text() == done.stdout
    measured = json.loads(report.with_suffix(".json").read_text())
    assert {table["kind"] for table in measured["tables"]} == {"build", "starts", "watch"}
    assert {one["build"] for one in measured["rotations"]} == {"now", "before"}
