"""What a kubelet does with a pod, with podman: volumes, init containers in turn, the main container.

podman 4.3's own `kube play` knows neither subPath nor termination messages; this does both. It takes
a pod as a cluster holds it, changes nothing in it, and refuses what it would have to leave out.
"""

from __future__ import annotations

import base64
import itertools
import json
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from engine import UID, Engine

_numbers = itertools.count()
# By what a source of a projected volume is called.
KINDS = {"configMap": "ConfigMap", "secret": "Secret"}


class Absent(AssertionError):
    """A pod that names an object which is not there: its containers are never made."""


class Immutable(AssertionError):
    """What an API server answers to a change of an immutable object."""


@dataclass
class Cluster:
    """The ConfigMaps and Secrets that there are, as Helm leaves them."""

    objects: dict[tuple[str, str], dict] = field(default_factory=dict)
    _release: set[tuple[str, str]] = field(default_factory=set)

    def upgrade(self, manifests: Iterable[dict]) -> None:
        """`helm upgrade --install`: what is new comes, what was and is not there any more goes,
        unless its own annotation keeps it."""
        new = {
            (one["kind"], one["metadata"]["name"]): one
            for one in manifests
            if one["kind"] in {"ConfigMap", "Secret"}
        }
        for key, made in new.items():
            old = self.objects.get(key)
            if old and old.get("immutable") and _content(old) != _content(made):
                raise Immutable(f"{key} is immutable")
            self.objects[key] = made
        for key in self._release - new.keys():
            annotations = self.objects[key]["metadata"].get("annotations") or {}
            if annotations.get("helm.sh/resource-policy") != "keep":
                del self.objects[key]
        self._release = set(new)

    def add(self, *objects: dict) -> None:
        """What others than Helm bring."""
        for one in objects:
            self.objects[one["kind"], one["metadata"]["name"]] = one

    def files(self, kind: str, name: str) -> dict[str, bytes]:
        """An object's keys, as they are mounted."""
        if (kind, name) not in self.objects:
            raise Absent(f'{kind.lower()} "{name}" not found')
        return _content(self.objects[kind, name])


def _content(one: dict) -> dict[str, bytes]:
    plain = {name: text.encode() for name, text in (one.get("stringData") or {}).items()}
    if one["kind"] == "Secret":
        coded = one.get("data") or {}
    else:
        coded = one.get("binaryData") or {}
        plain |= {name: text.encode() for name, text in (one.get("data") or {}).items()}
    return plain | {name: base64.b64decode(text) for name, text in coded.items()}


def lay_out(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """A ConfigMap or a Secret as it is mounted: links to a link to a directory."""
    version = root / "..2026_06_01_12_00_00.123456789"
    version.mkdir(parents=True)
    (root / "..data").symlink_to(version.name)
    for name, content in files.items():
        (version / name).parent.mkdir(parents=True, exist_ok=True)
        (version / name).write_bytes(content.encode() if isinstance(content, str) else content)
    for one in version.iterdir():
        (root / one.name).symlink_to(f"..data/{one.name}")
    return root


def _chosen(source: dict, cluster: Cluster, kind: str, name: str) -> dict[str, bytes]:
    """What a volume takes of an object, by path."""
    try:
        files = cluster.files(kind, name)
    except Absent:
        if not source.get("optional"):
            raise
        files = {}
    if items := source.get("items"):
        # A key that is not there holds the pod back, as a missing object does.
        missing = [one["key"] for one in items if one["key"] not in files]
        if missing and not source.get("optional"):
            raise Absent(f"{kind} {name} has no {missing}")
        files = {one["path"]: files[one["key"]] for one in items if one["key"] in files}
    return files


@dataclass(frozen=True)
class Ended:
    """A container that ended."""

    name: str
    code: int
    stdout: str
    stderr: str
    # What `kubectl describe pod` shows.
    message: str


class Pod:
    """A pod on this node. `images` leads from the names in the pod to what stands for them: a tag,
    or the directory of a root file system."""

    def __init__(
        self,
        engine: Engine,
        home: Path,
        pod: dict,
        cluster: Cluster,
        images: Mapping[str, str | Path],
    ):
        self.engine = engine
        self.spec = pod["spec"]
        self.images = images
        self.home = home / f"pod-{next(_numbers)}"
        self.home.mkdir()
        self.sidecars: dict[str, str] = {}
        self.volumes = {
            one["name"]: self._volume(one, cluster) for one in self.spec.get("volumes") or ()
        }

    def _volume(self, volume: dict, cluster: Cluster) -> Path:
        path = self.home / "volumes" / volume["name"]
        match {key: value for key, value in volume.items() if key != "name"}:
            case {"emptyDir": _}:
                path.mkdir(parents=True)
                path.chmod(0o777)  # as a kubelet makes it: root's, and open to every uid
            case {"configMap": source}:
                self._keyed(path, source, cluster, "ConfigMap", source["name"])
            case {"secret": source}:
                self._keyed(path, source, cluster, "Secret", source["secretName"])
            case {"projected": {"sources": sources}}:
                files: dict[str, bytes] = {}
                for one in sources:
                    ((kind, source),) = one.items()
                    files |= _chosen(source, cluster, KINDS[kind], source["name"])
                lay_out(path, files)
            case other:
                raise NotImplementedError(f"a volume of {sorted(other)}")
        return path

    def _keyed(self, path: Path, source: dict, cluster: Cluster, kind: str, name: str) -> None:
        lay_out(path, _chosen(source, cluster, kind, name))
        mode = source.get("defaultMode", 0o644)
        for file in (path / "..data").iterdir():
            file.chmod(mode)

    def init(self) -> list[Ended]:
        """Runs the init containers up to the first that fails; a sidecar until its probe passes."""
        ended = []
        for container in self.spec.get("initContainers") or ():
            if container.get("restartPolicy") == "Always":
                self.sidecars[container["name"]] = self._start(container)
                continue
            ended.append(self.run(container))
            if ended[-1].code != 0:
                break
        return ended

    def _start(self, container: dict) -> str:
        """A sidecar; the next container waits for its startupProbe."""
        flags, words = self._described(container)
        started = self._podman("run", "--detach", *flags, *words, timeout=60)
        assert started.returncode == 0, started.stderr
        number, probe = started.stdout.strip(), container["startupProbe"]
        for _ in range(probe["failureThreshold"]):
            asked = self._podman("exec", number, *probe["exec"]["command"], timeout=60)
            if asked.returncode == 0:
                return number
            time.sleep(probe["periodSeconds"])
        raise AssertionError(asked.stderr + self.engine.podman("logs", number).stderr)

    def stop(self) -> dict[str, int]:
        """Ends the sidecars as a kubelet does, after the main container; their exit codes."""
        codes = {}
        for name, number in self.sidecars.items():
            self.engine.podman("kill", "--signal=TERM", number)
            codes[name] = int(self.engine.podman("wait", number).stdout)
            self.engine.podman("rm", number)
        self.sidecars = {}
        return codes

    def status(self, ended: list[Ended]) -> dict:
        """What a kubelet reports of the pod after these init containers, the last of which failed."""
        *passed, failed = ended
        assert failed.code != 0 and not any(one.code for one in passed)
        moment = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        codes = {one.name: one for one in ended}

        def state(name: str) -> dict:
            if name not in codes:
                return {"waiting": {"reason": "PodInitializing"}}
            one = codes[name]
            terminated = {"exitCode": one.code, "reason": "Error" if one.code else "Completed"}
            terminated |= {"startedAt": moment, "finishedAt": moment}
            return {"terminated": terminated | ({"message": one.message} if one.message else {})}

        def statuses(kind: str) -> list[dict]:
            return [
                {
                    "name": one["name"],
                    "image": one["image"],
                    "imageID": "",
                    "ready": codes.get(one["name"], failed).code == 0,
                    "restartCount": 0,
                    "state": state(one["name"]),
                }
                for one in self.spec[kind]
            ]

        return {
            "phase": "Failed",
            "startTime": moment,
            "conditions": [
                {
                    "type": "Initialized",
                    "status": "False",
                    "reason": "ContainersNotInitialized",
                    "message": f"containers with incomplete status: [{failed.name}]",
                }
            ],
            "initContainerStatuses": statuses("initContainers"),
            "containerStatuses": statuses("containers"),
        }

    def ready(self) -> Pod:
        """The pod after its init containers, all of which have to pass."""
        for one in self.init():
            assert one.code == 0, f"{one.name}: {one.message or one.stderr}"
        return self

    def main(self, name: str | None = None) -> dict:
        """The main container's specification."""
        containers = self.spec["containers"]
        if name is None:
            (container,) = containers
            return container
        return next(one for one in containers if one["name"] == name)

    def run(
        self,
        container: dict,
        *,
        command: Sequence[str | Path] | None = None,
        volumes: tuple[str, ...] = (),
        env: Mapping[str, str] | None = None,
        timeout: int = 120,
    ) -> Ended:
        """One container to its end. `command` replaces its own; `volumes` and `env` are more
        of them."""
        message = self.home / f"message-{next(_numbers)}"
        flags, words = self._described(container, command, volumes, env, message)
        done = self._podman("run", "--rm", *flags, *words, timeout=timeout)
        return Ended(
            container["name"], done.returncode, done.stdout, done.stderr, message.read_text()
        )

    def _described(
        self,
        container: dict,
        command: Sequence[str | Path] | None = None,
        volumes: tuple[str, ...] = (),
        env: Mapping[str, str] | None = None,
        message: Path | None = None,
    ) -> tuple[list[str], list[str]]:
        """The flags of `podman run`, and its other words: the image and what it runs."""
        message = message or self.home / f"message-{next(_numbers)}"
        message.touch()
        message.chmod(0o666)
        at = container.get("terminationMessagePath", "/dev/termination-log")
        flags = [f"--volume={message}:{at}"]
        flags += [f"--volume={one}" for one in (*self._mounts(container), *volumes)]
        variables = {
            one["name"]: one["value"] for one in container.get("env") or () if "value" in one
        }
        flags += [f"--env={name}={value}" for name, value in {**variables, **(env or {})}.items()]
        flags += self._security(container)
        if "workingDir" in container:
            flags.append(f"--workdir={container['workingDir']}")
        image = self.images[container["image"]]
        if isinstance(image, Path):
            flags.append("--rootfs")
        words = list(map(str, command or ()))
        if command is None:
            words = [*container.get("args", ())]
            if "command" in container:
                # An ENTRYPOINT of the image is not run then.
                flags.append(f"--entrypoint={json.dumps(container['command'])}")
        return flags, [str(image), *words]

    def _podman(self, *args: str, timeout: int) -> subprocess.CompletedProcess[str]:
        return self.engine.podman(*args, check=False, timeout=timeout)

    def _mounts(self, container: dict) -> Iterable[str]:
        for mount in container.get("volumeMounts") or ():
            outside = self.volumes[mount["name"]] / mount.get("subPath", "")
            # The kubelet makes a subPath that is not there, as root: nobody could write into it.
            outside.mkdir(mode=0o755, parents=True, exist_ok=True) if not outside.exists() else None
            read_only = mount.get("readOnly") or not self._is_empty_dir(mount["name"])
            yield f"{outside}:{mount['mountPath']}{':ro' if read_only else ''}"

    def _is_empty_dir(self, name: str) -> bool:
        return any("emptyDir" in one for one in self.spec["volumes"] if one["name"] == name)

    def _security(self, container: dict) -> Iterable[str]:
        context = (self.spec.get("securityContext") or {}) | (
            container.get("securityContext") or {}
        )
        # Where the pod names no uid, the cluster (OpenShift) or the image does.
        yield f"--user={context.get('runAsUser', UID)}"
        yield from ("--network=none", "--cgroups=disabled", "--pull=never")
        if context.get("readOnlyRootFilesystem"):
            yield from ("--read-only", "--read-only-tmpfs=false")
        if context.get("allowPrivilegeEscalation") is False:
            yield "--security-opt=no-new-privileges"
        yield from (
            f"--cap-drop={name}" for name in (context.get("capabilities") or {}).get("drop") or ()
        )
