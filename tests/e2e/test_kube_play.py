"""The same through a Pod's own YAML: ConfigMap, emptyDir, init container, main container.

podman plays the YAML without a cluster. What it cannot do (subPath, fsGroup, termination
messages) is in test_pod.py, by hand.
"""

from __future__ import annotations

import json
import textwrap

import pytest
from engine import Engine
from sources import Sources

POD = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: customer-ca
data:
  client-ca-chain.pem: |
{chain}
---
apiVersion: v1
kind: Pod
metadata:
  name: {name}
spec:
  restartPolicy: Never
  securityContext:
    runAsNonRoot: true
    runAsUser: 185
    runAsGroup: 185
  volumes:
    - name: customer-ca
      configMap:
        name: customer-ca
    - name: trust
      emptyDir: {{}}
  initContainers:
    - name: trust-init
      image: {image}
      args: [build, --ca, /etc/pki/custom-certs, --out, /trust]
      securityContext: &restricted
        readOnlyRootFilesystem: true
        allowPrivilegeEscalation: false
        capabilities:
          drop: [ALL]
      volumeMounts:
        - name: trust
          mountPath: /trust
        - name: customer-ca
          mountPath: /etc/pki/custom-certs
          readOnly: true
  containers:
    - name: main
      image: {app}
      command: [sh, -c]
      args:
        - |
          grep -c BEGIN /trust/custom/client-ca-chain.pem
          openssl storeutl -noout -certs /trust/os/ca-certificates.crt | tail -n 1
          touch /trust/new || echo the volume is read-only here
          cat /trust/manifest.json
      securityContext: *restricted
      volumeMounts:
        - name: trust
          mountPath: /trust
          readOnly: true
"""


@pytest.fixture
def play(engine: Engine, image: str, app: str):
    """Plays the pod around a ConfigMap's content; what it left is removed after the test."""

    def play(name: str, content: str):
        yaml = engine.home / f"{name}.yaml"
        chain = textwrap.indent(content.rstrip("\n"), "    ")
        yaml.write_text(POD.format(name=name, chain=chain, image=image, app=app))
        return engine.podman("kube", "play", "--network=none", str(yaml), check=False)

    yield play
    engine.podman("pod", "rm", "--all", "--force", check=False)
    engine.podman("volume", "rm", "--all", "--force", check=False)


def test_the_main_container_finds_the_trust(engine: Engine, play, sources: Sources):
    done = play("filled", sources.chain.read_text())
    assert done.returncode == 0, done.stdout + done.stderr
    assert engine.podman("wait", "filled-main").stdout.strip() == "0", engine.podman(
        "logs", "filled-main"
    ).stdout
    log = engine.podman("logs", "filled-main")
    custom, total, rest = log.stdout.split("\n", 2)
    assert custom == "2"
    assert rest.startswith("the volume is read-only here\n")
    manifest = json.loads(rest.partition("\n")[2])
    bundle = next(one for one in manifest["artifacts"] if one["path"] == "os/ca-certificates.crt")
    # Counted by OpenSSL in one container, and by the binary in the other: Mozilla's roots and the
    # customer's two.
    assert total == f"Total found: {bundle['certificates']}"
    assert bundle["certificates"] > 100


def test_a_failing_init_container_keeps_the_main_one_from_starting(
    engine: Engine, play, sources: Sources
):
    done = play("refused", sources.with_key.read_text())
    assert done.returncode != 0
    state = engine.podman(
        "inspect",
        "--format={{.State.Status}} {{.State.StartedAt.Year}}",
        "refused-main",
        check=False,
    )
    # Never created, or created and never started.
    assert state.returncode != 0 or state.stdout.split() == ["created", "1"], state.stdout
