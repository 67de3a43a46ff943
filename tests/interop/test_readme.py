"""What README.md says is what other pages, the tests and the programs say; its demo is recorded again."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from pathlib import Path

from support import binary, environment
from support.environment import REPOSITORY

README = (REPOSITORY / "README.md").read_text()
DEMO = REPOSITORY / "docs" / "demo"
GOLDEN = REPOSITORY / "tests" / "interop" / "doctor" / "not-in-javas-store.txt"


def page(name: str) -> str:
    return (REPOSITORY / "docs" / name).read_text()


def answers(svg: str) -> dict[str, str]:
    """The commands of a terminal, and what each of them printed."""
    shown = re.findall(r'<text class="(\w+)".*?>(?:<tspan class="prompt">\$</tspan>)?([^<]*)</text>', svg)
    text = "\n".join(text.strip() if kind == "output" else f"${text}" for kind, text in shown)
    # What curl says after its error differs between its versions.
    text = re.sub(r"^(curl: \(\d+\) .*\n)[^$]*", r"\1", text, flags=re.MULTILINE)
    return dict(command.strip().split("\n", 1) for command in text.split("$ ")[1:])


def one(pattern: str, text: str) -> str:
    (found,) = re.findall(pattern, text)
    return found


def rows_of_the_matrix() -> list[list[str]]:
    (_, matrix) = page("clients.md").split("<!-- matrix -->")
    rows = [line.split(" | ") for line in matrix.partition("<!-- end -->")[0].splitlines() if line.startswith("| ")]
    return [row for row in rows if row[0] != "| client" and "---" not in row[0]]


def test_the_size_of_the_image_is_the_measured_one():
    said = one(r"\[\*\*([\d.]+) MiB\*\*\]\(docs/performance\.md#image\)", README)
    (_, section) = page("performance.md").split("\n## Image\n")
    measured = re.search(r"^\| now \| ([\d,]+) \|", section, re.MULTILINE)[1]
    assert float(said) == round(int(measured.replace(",", "")) / 2**20, 1)


def test_the_time_of_a_build_is_the_measured_one():
    said = one(r"\[\*\*([\d.]+) ms\*\*\]\(docs/performance\.md#in-short\)", README)
    count = one(r"a build of all stores from (\d+) certificates", README)
    measured = one(rf"A build of {count} certificates takes ([\d.]+) ms,", page("performance.md"))
    assert float(said) == round(float(measured), 1)


def test_as_many_clients_are_tried_as_the_matrix_has():
    rows = rows_of_the_matrix()
    assert one(r"\[\*\*(\d+) clients\*\*\]\(docs/clients\.md#the-matrix\)", README) == str(len(rows))
    under_exec = Counter(row[3] for row in rows)
    said = re.search(r"tried: (\d+) work as they are, (\d+) need one setting, (\d+) cannot", README)
    assert tuple(map(int, said.groups())) == tuple(under_exec[it] for it in ("trusts", "trusts, with its line", "refuses"))


def test_each_client_of_the_list_is_in_the_matrix():
    known = " ".join(row[0].lower() for row in rows_of_the_matrix())
    (_, section) = README.split("\n## Clients\n")
    items = re.findall(r"^- \*\*.*?\*\*(?::| [^:]*:) (.*?)(?=^- |\n\n)", section.partition("\n## ")[0], re.DOTALL | re.MULTILINE)
    names = [name.strip() for item in items for name in item.replace("\n", " ").replace(" and more", "").split(",")]
    assert len(names) > 40
    own = {"the JDK's own client": "java 25"}
    assert [name for name in names if own.get(name, name).lower() not in known] == []


def test_the_demo_is_what_the_programs_say(tmp_path: Path):
    """It has nothing of the machine, the day or the keys."""
    again = tmp_path / "demo.svg"
    done = subprocess.run(
        [DEMO / "record", binary.path(), again], env=environment.clean(), capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    committed, recorded = (answers(path.read_text()) for path in (DEMO / "demo.svg", again))
    assert recorded == committed, f"run docs/demo/record {binary.path()}"


def test_in_the_demo_only_the_call_without_trust_init_fails():
    shown = answers((DEMO / "demo.svg").read_text())
    assert "unable to get local issuer certificate" in shown.pop("curl https://login.example.com")
    assert {text for command, text in shown.items() if command.startswith("trust-init exec ")} == {"Welcome!"}


def test_the_pod_prints_what_the_readme_shows(tmp_path: Path):
    """Its two containers, one after the other, without a cluster and with other places for the volumes."""
    pod = (REPOSITORY / "examples" / "pod" / "pod.yaml").read_text()
    trust, ca = str(tmp_path / "trust"), str(REPOSITORY / "examples" / "client-ca-chain.pem")
    arguments = one(r"args: \[(build, .*)\]", pod).split(", ")
    built = binary.run(*(ca if word == "/ca" else word for word in arguments), "--out", trust)
    assert built.code == 0, built.stderr
    command = one(r"command: \[(.*)\]", pod).replace(" /trust,", f" {trust},").split(", ")
    command[0] = command[0].replace("/trust/", f"{trust}/", 1)
    code = one(r'args: \["(import .*)"\]', pod)
    done = subprocess.run([*command, code], env=environment.clean(), capture_output=True, text=True)
    assert done.stdout == one(r"\$ kubectl logs trust-demo -c main\n(.*\n)", README), done.stderr


def test_the_answer_of_doctor_is_a_golden_one():
    said = one(r"```console\n\$ trust-init doctor login\.example\.com\n([^`]*)```", README)
    golden = GOLDEN.read_text().split("$ trust-init doctor localhost:PORT\n")[1].splitlines()
    end = next(number for number, line in enumerate(golden) if line.startswith("  fix:")) + 1
    lines = [line for line in golden[:end] if not line.startswith("  sha256 ")]
    assert said.replace("login.example.com:443", "localhost:PORT").splitlines() == lines
