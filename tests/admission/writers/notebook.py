"""The pod of a notebook server, as JupyterHub's own KubeSpawner makes it.

Reads from standard input, as JSON, the values of the JupyterHub chart (zero-to-jupyterhub) below
`singleuser`, and prints the pod as JSON. How the values become options of KubeSpawner follows that
chart's jupyterhub_config.py.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from types import SimpleNamespace
from unittest import mock

# KubeSpawner reads a kubeconfig when it is made, from a place that is fixed when its library is imported. It asks no
# cluster for a pod's manifest.
KUBECONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "none",
    "contexts": [{"name": "none", "context": {"cluster": "none", "user": "none"}}],
    "clusters": [{"name": "none", "cluster": {"server": "https://127.0.0.1:1"}}],
    "users": [{"name": "none", "user": {}}],
}

# Options of KubeSpawner, by the key below `singleuser`.
OPTIONS = {
    "initContainers": "init_containers",
    "extraContainers": "extra_containers",
    "extraEnv": "environment",
    "extraLabels": "extra_labels",
    "extraAnnotations": "extra_annotations",
    "extraPodConfig": "extra_pod_config",
    "serviceAccountName": "service_account",
    "allowPrivilegeEscalation": "allow_privilege_escalation",
    "uid": "uid",
    "fsGid": "fs_gid",
}


def configure(spawner, singleuser: dict) -> None:
    """Sets the options of `spawner`, a section of traitlets' Config."""
    spawner.image = "{name}:{tag}".format(**singleuser["image"])
    spawner.mem_guarantee = "1G"
    spawner.cmd = ["jupyterhub-singleuser"]
    for key, option in OPTIONS.items():
        if key in singleuser:
            spawner[option] = singleuser[key]
    storage = singleuser.get("storage", {})
    home = {"name": "volume-ana", "persistentVolumeClaim": {"claimName": "claim-ana"}}
    spawner.volumes = {one["name"]: one for one in [home, *storage.get("extraVolumes", [])]}
    mounts = [{"name": "volume-ana", "mountPath": "/home/jovyan"}, *storage.get("extraVolumeMounts", [])]
    spawner.volume_mounts = {f"{number}-{one['name']}": one for number, one in enumerate(mounts)}


async def pod(singleuser: dict) -> dict:
    from jupyterhub.objects import Hub, Server
    from kubernetes_asyncio.client import ApiClient
    from kubespawner import KubeSpawner
    from traitlets.config import Config

    config = Config()
    configure(config.KubeSpawner, singleuser)
    user = mock.Mock(escaped_name="ana", url="/user/ana/", server=Server(ip="0.0.0.0", port=8888))
    user.name = "ana"
    spawner = KubeSpawner(
        config=config,
        hub=Hub(ip="hub", port=8081, public_host=""),
        user=user,
        orm_spawner=SimpleNamespace(server=None, name="", state={}),
        api_token="made-up",
        oauth_client_id="jupyterhub-user-ana",
        _mock=True,
    )
    made = ApiClient().sanitize_for_serialization(await spawner.get_pod_manifest())
    # KubeSpawner gives the namespace with the request.
    made["metadata"]["namespace"] = "customer-acme"
    return made


def main() -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(KUBECONFIG, file)
        file.flush()
        os.environ["KUBECONFIG"] = file.name
        print(json.dumps(asyncio.run(pod(json.load(sys.stdin)))))


main()
