"""kubectl and Helm, the programs, and a cluster's API for them."""

from __future__ import annotations

import functools
import json
import subprocess
from pathlib import Path

from support import environment
from support.environment import REPOSITORY
from support.kube_api import Api


@functools.cache
def programs() -> dict[str, Path]:
    """`kubectl`, `helm` (4) and `helm3`: what the set-up script keeps in its cache. It fetches what is missing."""
    setup = REPOSITORY / "tests" / "setup" / "kubectl.sh"
    done = subprocess.run([setup], stdout=subprocess.PIPE, text=True, check=True)
    return {name: Path(path) for name, path in (line.split(" ", 1) for line in done.stdout.splitlines())}


def clean(api: Api, home: Path) -> dict[str, str]:
    """An environment in which `kubectl` is the program, and asks this API."""
    config = home / "kubeconfig"
    config.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "test",
                "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
                "clusters": [{"name": "test", "cluster": {"server": api.url}}],
                "users": [{"name": "test", "user": {}}],
            }
        )
    )
    one = environment.clean(KUBECONFIG=config, HOME=home)
    return one | {"PATH": f"{programs()['kubectl'].parent}:{one['PATH']}"}
