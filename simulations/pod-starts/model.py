"""What ten thousand pod starts cost, by the way in which the pods get a customer's trust."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cache

from events import Bucket, Clock, Gate, Process, Shared

MB = 1e6
SOURCE = "https://github.com/kubernetes/kubernetes/blob/master"
DOCS = "https://kubernetes.io/docs"
KUBELET = f"[documented]({DOCS}/reference/config-api/kubelet-config.v1beta1/)"


def assumed(value: float, text: str, basis: str = "assumed") -> float:
    return field(default=value, metadata={"text": text, "basis": basis})


@dataclass(frozen=True)
class Cluster:
    """The assumptions. `text` and `basis` are the page's table of them."""

    pods: int = assumed(10_000, "pods, one customer's", "the question")
    nodes: int = assumed(500, "nodes; pods go to them in turn, 20 each (a kubelet takes 110)")
    bound: float = assumed(
        50,
        "pods that the scheduler binds per second: one request each, at its default limit",
        f"[source]({SOURCE}/pkg/scheduler/apis/config/v1/defaults.go)",
    )
    cores: float = assumed(4, "cores of a node that running pods leave to starting ones")
    cpu_limit: float = assumed(1, "cores that one init container gets at most")
    registry: float = assumed(1250 * MB, "bytes per second from the registry, for all nodes together")
    node_link: float = assumed(125 * MB, "bytes per second into one node, at most")
    pull_latency: float = assumed(
        0.5, "seconds of a pull besides the transfer: name, manifest, config"
    )
    api_link: float = assumed(125 * MB, "bytes per second from the API server, for all nodes together")
    api_latency: float = assumed(0.02, "seconds until the API server answers")
    container: float = assumed(
        0.3, "seconds from the kubelet's decision to the container's first instruction"
    )
    relist: float = assumed(
        1.0,
        "seconds between two times that a kubelet lists its containers (PLEG), which is how it learns"
        " that an init container ended",
        f"[source]({SOURCE}/pkg/kubelet/kubelet.go)",
    )
    kubelet_qps: float = assumed(
        50, "requests per second of a kubelet, once its burst is spent", KUBELET
    )
    kubelet_burst: float = assumed(100, "size of that burst", KUBELET)
    pod_requests: int = assumed(
        1, "requests that a pod's mounts wait for, in any mode: the token of its service account"
    )
    list_requests: int = assumed(
        2,
        "requests for a ConfigMap, once per node however many pods mount it: a LIST and a WATCH, which"
        " ends at once if the object is immutable",
        f"{KUBELET}, [source]({SOURCE}/pkg/kubelet/util/manager/watch_based_manager.go)",
    )
    init_events: int = assumed(
        3,
        "events of an init container: Pulled, Created, Started",
        f"[source]({SOURCE}/pkg/kubelet/kuberuntime/kuberuntime_container.go)",
    )
    init_updates: int = assumed(
        2,
        "updates of the pod's status that it adds (running, ended), each a GET and a PATCH",
        f"[source]({SOURCE}/pkg/kubelet/status/status_manager.go), their number assumed",
    )
    event_bytes: float = assumed(1000, "bytes of an event")
    update_bytes: float = assumed(6000, "bytes of one such GET and PATCH")


@dataclass(frozen=True)
class Work:
    """What an init container does, alone on a machine: seconds and bytes."""

    cpu: float
    wall: float
    peak: float


@dataclass(frozen=True)
class Mode:
    name: str
    # The ConfigMaps that a pod mounts.
    objects: tuple[float, ...]
    # Memory and the kubelet's CPU for the volume that they become.
    volume: float
    volume_cpu: float
    image: float = 0.0
    unpack_cpu: float = 0.0
    container_cpu: float = 0.0
    work: Work | None = None


@dataclass
class Result:
    mode: Mode
    delays: list[float] = field(default_factory=list)
    last: float = 0.0
    cpu: float = 0.0
    pulled: float = 0.0
    pulls: int = 0
    api_bytes: float = 0.0
    api_requests: int = 0
    api_writes: int = 0
    node_memory: float = 0.0

    def delay(self, share: float) -> float:
        ordered = sorted(self.delays)
        return ordered[round(share * (len(ordered) - 1))]


def modes(costs: dict) -> list[Mode]:
    """The modes, with their measured unit costs."""
    chain = costs["chain"]
    mounted = {"objects": (chain["bytes"],), "volume": chain["bytes"], "volume_cpu": 0.0}
    ours = costs["init"]
    # Waiting is not counted against keytool: over seconds it mixes with the machine's other work.
    shell, every = (costs[name] | {"wall": 0} for name in ("keytool", "keytool_every_root"))

    def init(name: str, image: dict | None, work: dict) -> Mode:
        pulled = image or {"image_bytes": 0, "unpack_cpu": 0}
        return Mode(
            name,
            **mounted,
            image=pulled["image_bytes"],
            unpack_cpu=pulled["unpack_cpu"],
            container_cpu=costs["container"]["cpu"],
            work=Work(work["cpu"], work["wall"], work["peak_bytes"]),
        )

    prebuilt = costs["prebuilt"]
    return [
        init("init", ours, ours),
        Mode(
            "prebuilt",
            tuple(prebuilt["object_bytes"]),
            prebuilt["volume_bytes"],
            prebuilt["volume_cpu"],
        ),
        init("shell and keytool, in the pod's own image", None, shell),
        init("shell and keytool, in its own image", shell, shell),
        init("the same, with every public root through keytool", shell, every),
    ]


class Node:
    """A kubelet, and what its pods share."""

    def __init__(self, fleet: Fleet, seed: float) -> None:
        cluster = fleet.cluster
        self.fleet = fleet
        self.clock = fleet.clock
        self.cpu = Shared(self.clock, cluster.cores, min(cluster.cpu_limit, cluster.cores))
        self.requests = Bucket(cluster.kubelet_qps, cluster.kubelet_burst)
        # When in its second this kubelet looks at its containers.
        self.phase = seed * cluster.relist
        self.gates: dict[str, Gate] = {}
        self.memory = 0.0

    def once(self, name: str, act: Process) -> Iterator[Gate]:
        """The first pod starts it, and all wait until it is done."""
        if name not in self.gates:
            gate = self.gates[name] = Gate(self.clock)
            self.clock.start(self._and_open(act, gate), self.clock.now)
        yield self.gates[name]

    @staticmethod
    def _and_open(act: Process, gate: Gate) -> Process:
        yield from act
        gate.open()

    def hold(self, amount: float) -> None:
        self.memory += amount
        result = self.fleet.result
        result.node_memory = max(result.node_memory, self.memory)

    def until_relist(self) -> float:
        relist = self.fleet.cluster.relist
        return (self.phase - self.clock.now) % relist if relist else 0.0


class Fleet:
    """One run of one mode."""

    def __init__(self, cluster: Cluster, mode: Mode, seed: int) -> None:
        chance = random.Random(seed)
        self.cluster, self.mode = cluster, mode
        self.clock = Clock()
        self.result = Result(mode)
        self.registry = Shared(self.clock, cluster.registry, cluster.node_link)
        self.api = Shared(self.clock, cluster.api_link, cluster.node_link)
        nodes = [Node(self, chance.random()) for _ in range(cluster.nodes)]
        bound = 0.0
        for number in range(cluster.pods):
            self.clock.start(self._pod(nodes[number % cluster.nodes]), bound)
            bound += chance.expovariate(cluster.bound)

    def run(self) -> Result:
        self.clock.run()
        return self.result

    def _pod(self, node: Node) -> Process:
        """From the moment that it is bound to the one at which its main container may start."""
        bound, mode = self.clock.now, self.mode
        yield node.requests.delay(bound, self.cluster.pod_requests)
        yield from node.once("objects", self._read_objects(node))
        node.hold(mode.volume)
        self.result.cpu += mode.volume_cpu
        if mode.image:
            yield from node.once("image", self._pull(node))
        if mode.work:
            yield from self._init(node, mode.work)
        self.result.delays.append(self.clock.now - bound)
        self.result.last = max(self.result.last, self.clock.now)

    def _read_objects(self, node: Node) -> Process:
        cluster, result = self.cluster, self.result
        lists = len(self.mode.objects)
        # A WATCH is not held to the limit (client-go); both count as load.
        yield node.requests.delay(self.clock.now, lists) + cluster.api_latency
        yield self.api.use(sum(self.mode.objects))
        result.api_requests += lists * cluster.list_requests
        result.api_bytes += sum(self.mode.objects)

    def _pull(self, node: Node) -> Process:
        yield self.cluster.pull_latency
        yield self.registry.use(self.mode.image)
        # By the node's own runtime, one layer after another, outside any container's limit.
        yield self.mode.unpack_cpu
        self.result.pulls += 1
        self.result.pulled += self.mode.image
        self.result.cpu += self.mode.unpack_cpu

    def _init(self, node: Node, work: Work) -> Process:
        cluster, result = self.cluster, self.result
        yield cluster.container
        node.hold(work.peak)
        yield node.cpu.use(work.cpu)
        yield max(0.0, work.wall - work.cpu)
        node.hold(-work.peak)
        result.cpu += work.cpu + self.mode.container_cpu
        # A GET and a PATCH; the events are of another client, with a limit of its own.
        updates = 2 * cluster.init_updates
        node.requests.delay(self.clock.now, updates)
        result.api_requests += cluster.init_events + updates
        result.api_writes += cluster.init_events + cluster.init_updates
        result.api_bytes += (
            cluster.init_events * cluster.event_bytes + cluster.init_updates * cluster.update_bytes
        )
        yield node.until_relist()


@cache
def simulate(cluster: Cluster, mode: Mode, seed: int = 1) -> Result:
    return Fleet(cluster, mode, seed).run()


def assumptions() -> Iterator[tuple[str, float, str, str]]:
    for one in fields(Cluster):
        yield one.name, one.default, one.metadata["text"], one.metadata["basis"]
