"""What a user with a notebook has: a directory, a kernel in an environment of its own, and Spark."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from support import binary, environment

PAGE = environment.REPOSITORY / "docs" / "notebook.md"
# A cell with a magic is no Python.
BLOCK = re.compile(r"^```(?:python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CELLS = Path(__file__).with_name("cells.py")
KERNEL = "customer"
# Executors of another machine: nothing of the notebook's variables is there.
JAVA = """\
#!/bin/bash
case " $* " in *" --executor-id "*)
    while IFS='=' read -r name value; do
        case $value in *{home}/trust/*) unset "$name" ;; esac
    done < <(env)
    ;;
esac
exec java "$@"
"""
# For runs of seconds.
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
# As a platform sets them. With a master of another kind than local, executors are processes of their own.
DEFAULTS = """\
spark.master {master}
spark.executor.memory 512m
spark.ui.enabled false
spark.ui.showConsoleProgress false
spark.executorEnv.JAVA_HOME {java}
spark.driver.extraJavaOptions {quick} {options}
spark.executor.extraJavaOptions {quick}
"""


def cell(beginning: str, peer: str = "") -> str:
    """The cell of docs/notebook.md that begins so, with the address of a server of ours."""
    (found,) = (code for code in BLOCK.findall(PAGE.read_text()) if code.startswith(beginning))
    return found.replace("login.example.com", peer)


@dataclass(frozen=True)
class Ended:
    """What became of a cell."""

    printed: str
    raised: str | None

    @property
    def output(self) -> str:
        assert self.raised is None, self.raised
        return self.printed


@dataclass(frozen=True)
class Desk:
    home: Path
    # Of the environment that has Jupyter's packages.
    python: Path
    env: dict[str, str]

    @classmethod
    def of(cls, root: Path, jupyter: Path, spark: Path, wheels: Path) -> Desk:
        """A kernel whose packages are those of the environment `jupyter`, and what `%pip install` adds."""
        home, kernel = root / "home", root / "kernel"
        home.mkdir()
        subprocess.run([jupyter / "bin/python", "-m", "venv", "--without-pip", kernel], check=True)
        (packages,) = kernel.glob("lib/python*/site-packages")
        (theirs,) = jupyter.glob("lib/python*/site-packages")
        (packages / "shared.pth").write_text(f"{theirs}\n{spark.parent}\n")
        spec = root / "jupyter" / "kernels" / KERNEL / "kernel.json"
        spec.parent.mkdir(parents=True)
        launch = [str(kernel / "bin/python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec.write_text(json.dumps({"argv": launch, "display_name": KERNEL, "language": "python"}))
        env = environment.clean(
            HOME=home,
            JUPYTER_PATH=root / "jupyter",
            SPARK_HOME=_writable(spark, root / "spark"),
            SPARK_LOCAL_IP="127.0.0.1",
            SPARK_CONF_DIR=root / "conf",
            # The index of this place is a directory.
            PIP_NO_INDEX="1",
            PIP_FIND_LINKS=wheels,
        )
        env["PATH"] = f"{kernel / 'bin'}:{env['PATH']}"
        return cls(home, jupyter / "bin/python", env)

    def run(self, *cells: str, master: str = "local[2]", under: Sequence[str | Path] = (), java: str = "") -> list[Ended]:
        """In one kernel, which ends with the last of them. `under` is what starts Jupyter, and `java` has options of
        the driver's JVM."""
        self._configure(master, java)
        done = subprocess.run(
            [*under, self.python, CELLS, KERNEL],
            cwd=self.home,
            env=self.env,
            input=json.dumps(cells),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return [Ended(*one) for one in json.loads(done.stdout)]

    def _configure(self, master: str, options: str) -> None:
        conf, java = Path(self.env["SPARK_CONF_DIR"]), self.home.parent / "java"
        conf.mkdir(exist_ok=True)
        defaults = DEFAULTS.format(master=master, java=java, quick=QUICK, options=options)
        (conf / "spark-defaults.conf").write_text(defaults)
        program = java / "bin" / "java"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(JAVA.format(home=self.home))
        program.chmod(0o755)


def _writable(spark: Path, home: Path) -> Path:
    """Spark's home by links: its workers keep their files there."""
    home.mkdir()
    for entry in spark.iterdir():
        (home / entry.name).symlink_to(entry)
    return home


def wheel(directory: Path) -> Path:
    """What an index has of trust-init, made as a release makes it."""
    make = environment.REPOSITORY / "release" / "wheel.py"
    env = environment.clean(SOURCE_DATE_EPOCH="1700000000")
    subprocess.run([make, binary.path(), "amd64", directory], env=env, check=True, capture_output=True)
    return directory
