"""docs/customer-guide.md and its French twin say what the program and the charts say. That they agree
with each other is for tests/style/translations.py."""

from __future__ import annotations

import functools
import hashlib
import itertools
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
import values_table
import yaml
from support import binary, environment, helm, kube_api, kubectl

DOCS = helm.REPOSITORY / "docs"
GUIDES = {"en": DOCS / "customer-guide.md", "fr": DOCS / "customer-guide.fr.md"}
BOTH = pytest.mark.parametrize("guide", GUIDES.values(), ids=GUIDES)

BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`]+)`")


class Block(NamedTuple):
    kind: str
    text: str


def blocks(guide: Path) -> list[Block]:
    """Without the indentation of a list."""
    found = []
    for indent, kind, text in BLOCK.findall(guide.read_text()):
        lines = (line.removeprefix(indent) for line in text.splitlines())
        found.append(Block(kind, "\n".join(lines)))
    return found


def of(guide: Path, kind: str) -> list[str]:
    return [block.text for block in blocks(guide) if block.kind == kind]


def prose(guide: Path) -> str:
    return BLOCK.sub("", guide.read_text())


def quoted(containing: str) -> str:
    """The one block of text with these words. Both guides have the same."""
    (found,) = (text for text in of(GUIDES["en"], "text") if containing in text)
    return found


@functools.cache
def help_of(command: str) -> str:
    done = binary.run(command, "--help")
    assert done.code == 0, f"{command}: {done.stderr}"
    return done.stdout.decode()


def invocations(guide: Path) -> set[str]:
    """`command arguments` of each trust-init that the guide runs or names."""
    lines = INLINE.findall(prose(guide))
    for block in blocks(guide):
        if block.kind in {"sh", "console"}:
            lines += block.text.splitlines()
    found = itertools.chain.from_iterable(
        re.findall(r"(?:^|[ /])trust-init ([a-z-][^|>]*)", line) for line in lines
    )
    return {one.strip() for one in found}


@BOTH
def test_every_command_and_flag_exists(shipped: Path, guide: Path):
    named = invocations(guide)
    assert len(named) > 8, named
    commands = set()
    for one in named:
        if one == "--version":
            continue
        command, *words = one.split()
        commands.add(command)
        told = help_of(command)
        for flag in (word for word in words if word.startswith("--")):
            assert re.search(rf"{flag}\b", told), f"trust-init {one}"
    assert commands == {"check", "inspect", "doctor", "exec"}
    assert "--strict" in help_of("check")


def keys() -> set[str]:
    return {
        prefix + ".".join(key.path[:end])
        for prefix, values in values_table.CHARTS.values()
        for key in values_table.keys(values)
        for end in range(1, len(key.path) + 1)
    } | {"trust"}


def leaves(values: dict, path: tuple[str, ...] = ()) -> set[str]:
    found = set()
    for name, value in values.items():
        here = (*path, name)
        if isinstance(value, dict) and here != ("spark", "conf"):
            found |= leaves(value, here)
        else:
            found.add(".".join(here))
    return found


@BOTH
def test_every_value_exists(guide: Path):
    known = keys() | {"podSecurityContext.runAsUser"}
    named = set()
    for word in INLINE.findall(prose(guide)):
        if found := re.match(r"(trust\.[\w.]+|podSecurityContext\.\w+|spark\.image)(: |$)", word):
            named.add(found[1])
        if word.startswith("existing."):
            named.add(f"trust.caBundle.{word}")
    for command in of(guide, "sh"):
        named |= set(re.findall(r"--set(?:-file)? ([\w.]+)=", command))
    for text in of(guide, "yaml"):
        named |= leaves(yaml.safe_load(text))
    assert len(named) > 8, named
    assert named <= known, named - known


def test_the_values_render(charts: helm.Charts):
    """Each block as the page has it, with every way of running."""
    for text in of(GUIDES["en"], "yaml"):
        for run in ("spark-submit", "kubeflow", "apache"):
            assert charts.render(yaml.safe_load(text) | {"run": run})


def test_helm_refuses_a_private_key_with_these_words(charts: helm.Charts, chain: str):
    begin, end = (f"-----{word} PRIVATE KEY-----\n" for word in ("BEGIN", "END"))
    with pytest.raises(helm.Refused) as refused:
        charts.render({"trust": {"caBundle": {"pem": f"{chain}{begin}MAA=\n{end}"}}})
    assert quoted("found a private key") in str(refused.value)


def test_the_objects_have_the_names_and_labels_that_the_commands_give(
    charts: helm.Charts, chain: str
):
    values = {"trust": {"caBundle": {"pem": chain}}}
    documents = charts.render(values)
    digest = helm.object_of(documents, "ConfigMap", "acme-trust-ca")["metadata"]["annotations"]
    assert digest["caBundleHash"]
    helm.object_of(documents, "ConfigMap", "acme-spark")
    for role, template in helm.pod_templates(documents).items():
        assert template["metadata"]["labels"]["app.kubernetes.io/instance"] == "acme"
        names = [one["name"] for one in template["spec"]["initContainers"]]
        assert names == ["trust-init-install", "trust-init"]
        assert template["spec"]["containers"][0]["name"] == f"spark-kubernetes-{role}"
    pinned = charts.render({"trust": {"caBundle": {"pem": chain, "pin": True}}})
    (bundle,) = (one for one in pinned if one.get("immutable"))
    assert bundle["metadata"]["name"].startswith("acme-trust-ca-")
    assert bundle["metadata"]["labels"]["app.kubernetes.io/component"] == "customer-ca"


class WithNamespaces(kube_api.Api):
    """As a real one, it keeps nothing in a namespace that is not there."""

    def create(self, parent: str, content: dict, *, dry: bool = False) -> dict:
        _, inside, rest = parent.partition("/namespaces/")
        name = rest.partition("/")[0]
        if inside and f"/api/v1/namespaces/{name}" not in self.existing():
            raise kube_api.Refused(404, "NotFound", f'namespaces "{name}" not found')
        return super().create(parent, content, dry=dry)


# HELM with the chart of this checkout for the one of a registry.
HELM = "#!/bin/bash\nexec {helm} " r'"${{@/oci:\/\/registry.example.com/{root}}}"' "\n"
NOT_RUN = re.compile(r"<!-- not run: [^\n]* -->\n *```sh\n.*?```", re.DOTALL)
# What the cluster of a test has: an API that runs no pod.
THE_CLUSTER_S = ("kubectl", "helm", "trust-init", "yq")


def run_in_order() -> list[str]:
    """Each command of the guide that asks the API, or checks the chain, in the order of the page."""
    text = NOT_RUN.sub("", GUIDES["en"].read_text())
    found = [line for _, kind, block in BLOCK.findall(text) if kind == "sh" for line in block.splitlines()]
    return [line for line in found if line.startswith(THE_CLUSTER_S)]


def as_files(chain: str) -> dict[str, str]:
    """The page's own, by the names that it gives them, and `inline.yaml`, of which it shows a part."""
    page = re.findall(r"<!-- file: (\S+) -->\n```yaml\n(.*?)```", GUIDES["en"].read_text(), re.DOTALL)
    pem = "".join(f"      {line}\n" for line in chain.splitlines())
    return {**dict(page), "inline.yaml": f"trust:\n  caBundle:\n    pem: |\n{pem}", "client-ca-chain.pem": chain}


def test_the_commands_work_in_their_order_from_an_empty_cluster(
    charts: helm.Charts, chain: str, shipped: Path, tmp_path: Path
):
    """And each that prints the hash of the chain prints the same."""
    options = in_a_shell(shipped, tmp_path)
    for name, text in as_files(chain).items():
        (tmp_path / name).write_text(text)
    shutil.copytree(charts.root / "charts", tmp_path / "charts")
    program = tmp_path / "bin" / "helm"
    root = str(charts.root).replace("/", "\\/")
    program.write_text(HELM.format(helm=kubectl.programs()["helm"], root=root))
    program.chmod(0o755)
    commands = [one for one in run_in_order() if not one.startswith("trust-init inspect")]
    with kube_api.serve(WithNamespaces) as api:
        options["env"] |= {"KUBECONFIG": kubectl.clean(api, tmp_path)["KUBECONFIG"]}
        options["env"]["PATH"] += f":{kubectl.programs()['kubectl'].parent}"
        first = next(one for one in commands if one.startswith("helm"))
        refused = subprocess.run(first, capture_output=True, text=True, **options)
        assert 'namespaces "customer-acme" not found' in refused.stderr
        said = []
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True, **options)
            assert done.returncode == 0, f"{command}\n{done.stderr}"
            said.append(done.stdout)
    # Of `trust-init check` and of NOTES.
    hashes = re.findall(r"^(?:passed|trust): .*caBundleHash (\w+)", "".join(said), re.MULTILINE)
    assert len(hashes) >= 6, said
    assert set(hashes) == {hashlib.sha256(chain.encode()).hexdigest()}


def in_a_shell(shipped: Path, tmp_path: Path) -> dict:
    """Where the commands find trust-init, and the examples by the names that they give."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "trust-init").symlink_to(shipped)
    (tmp_path / "examples").symlink_to(helm.REPOSITORY / "examples")
    path = f"{programs}:{os.environ['PATH']}"
    return {"env": environment.clean() | {"PATH": path}, "cwd": tmp_path, "shell": True}


def test_the_files_are_made_with_these_commands(shipped: Path, tmp_path: Path):
    """A .p7b to PEM, several files to one, what a renewal changes."""
    options = in_a_shell(shipped, tmp_path) | {"text": True, "capture_output": True}

    def run(command: str) -> subprocess.CompletedProcess:
        return subprocess.run(command, **options)

    commands = [line for text in of(GUIDES["en"], "sh") for line in text.splitlines()]
    example = "examples/client-ca-chain.pem"
    run(f"openssl crl2pkcs7 -nocrl -certfile {example} -out chain.p7b")
    (convert,) = (one for one in commands if "chain.p7b" in one)
    assert run(convert).returncode == 0
    checked = run("trust-init check client-ca-chain.pem").stdout
    assert "passed: 2 certificates" in checked

    run("sed '/^Example Client Root CA$/,$d' examples/client-ca-chain.pem > issuing-ca.pem")
    run("sed '1,/END CERTIFICATE/d' examples/client-ca-chain.pem > root-ca.pem")
    (join,) = (one for one in commands if one.startswith("cat issuing-ca.pem"))
    assert run(join).returncode == 0
    assert "passed: 2 certificates" in run("trust-init check client-ca-chain.pem").stdout

    run("sed -n '/2009/,$p' examples/client-ca-chain-with-expired.pem > new-ca.pem")
    both, diff = (one for one in commands if "both.pem" in one)
    assert run(both).returncode == 0
    compared = run(diff)
    assert compared.returncode == 1
    assert compared.stdout.startswith("added ")


def test_the_termination_message_is_what_the_init_container_says(
    charts: helm.Charts, shipped: Path, tmp_path: Path
):
    """By the command of the rendered pod, over the chain with the expired certificate."""
    pem = (helm.REPOSITORY / "examples" / "client-ca-chain-with-expired.pem").read_text()
    values = {"caBundle": {"pem": pem}, "policy": {"deny": ["expired"]}, "base": "mozilla"}
    documents = charts.render({"trust": values})
    spec = helm.pod_templates(documents)["driver"]["spec"]
    (init,) = (one for one in spec["initContainers"] if one["name"] == "trust-init")
    words = init["args"]
    mounted = "/etc/pki/custom-certs/client-ca-chain.pem"
    here = tmp_path / "client-ca-chain.pem"
    here.write_text(pem)
    at = {mounted: str(here), "/trust": str(tmp_path / "trust")}
    message = tmp_path / "termination-log"
    message.touch()
    done = binary.run(*(at.get(word, word) for word in words), "--termination-log", message)
    described = quoted("Init Containers:")
    assert message.read_text().strip().replace(str(here), mounted) in described
    assert re.search(r"Exit Code: +(\d+)", described)[1] == str(done.code)
    assert "error[expired]" in described


@BOTH
def test_every_code_is_a_rule_or_an_error(guide: Path):
    known = set(re.findall(r"^\| \[?`([a-z-]+)`", (DOCS / "rules.md").read_text(), re.MULTILINE))
    known |= set(re.findall(r"^\| `([a-z-]+)` \|", (DOCS / "log.md").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:error|warning)\[([a-z-]+)\]", guide.read_text()))
    assert len(named) > 7
    assert named <= known, named - known


@BOTH
def test_python_is_python(guide: Path):
    for text in of(guide, "python"):
        compile(text, guide.name, "exec")


def test_the_snippet_for_notebooks_has_the_function_that_is_called():
    (call,) = (text for text in of(GUIDES["en"], "python") if text.startswith("doctor_on_spark("))
    assert "def doctor_on_spark(spark, *servers)" in (DOCS / "doctor_on_spark.py").read_text()
    assert call == 'doctor_on_spark(spark, "login.example.com")'
