"""The simulation of pod starts: that it loses nothing and moves the right way, and that docs/fleet.md
says what it prints."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace

import page
import plots
import pytest
from bench import markers
from events import Bucket, Clock, Shared
from model import Cluster, Fleet, Mode, Result, modes
from support.environment import REPOSITORY

COSTS = json.loads((REPOSITORY / "simulations" / "pod-starts" / "unit-costs.json").read_text())
MODES = modes(COSTS)
AT_ONCE = Cluster(pods=1000, nodes=50, bound=float("inf"))
SMALL = replace(AT_ONCE, bound=50)

every_mode = pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
every_mode_that_works = pytest.mark.parametrize(
    "mode", [mode for mode in MODES if mode.work], ids=lambda mode: mode.name
)


def run(cluster: Cluster, mode: Mode, seed: int = 1) -> Result:
    return Fleet(cluster, mode, seed).run()


def test_the_page_holds_what_is_printed():
    for name, table in page.tables(COSTS).items():
        assert markers.written(page.PAGE, name) == table, f"{name}: simulations/pod-starts/run page writes it"


def test_the_plots_are_those_of_the_page():
    drawn = plots.of(page.simulated(COSTS))
    assert {path.name for path in page.PLOTS.iterdir()} == set(drawn)
    for name, plot in drawn.items():
        assert (page.PLOTS / name).read_text() == plot, f"{name}: simulations/pod-starts/run page writes it"
        assert f"](fleet/{name})" in page.PAGE.read_text()


@every_mode
def test_a_seed_gives_the_same_figures(mode: Mode):
    assert run(SMALL, mode) == run(SMALL, mode)
    assert run(SMALL, mode, seed=2).delays != run(SMALL, mode).delays


@every_mode
@pytest.mark.parametrize("cluster", [SMALL, AT_ONCE], ids=["one by one", "at once"])
def test_every_pod_starts_and_every_byte_is_counted(cluster: Cluster, mode: Mode):
    result = run(cluster, mode)
    assert len(result.delays) == cluster.pods
    assert min(result.delays) >= 0
    assert result.pulls == (cluster.nodes if mode.image else 0)
    assert result.pulled == result.pulls * mode.image
    lists = cluster.nodes * len(mode.objects) * cluster.list_requests
    each = (cluster.init_events + 2 * cluster.init_updates) if mode.work else 0
    assert result.api_requests == lists + cluster.pods * each
    spent = mode.volume_cpu + (mode.work.cpu + mode.container_cpu if mode.work else 0)
    assert result.cpu == pytest.approx(cluster.pods * spent + result.pulls * mode.unpack_cpu)


@every_mode_that_works
def test_no_pod_is_faster_than_its_work_alone(mode: Mode):
    alone = AT_ONCE.container + max(mode.work.cpu, mode.work.wall)
    assert min(run(AT_ONCE, mode).delays) >= alone


@every_mode
@pytest.mark.parametrize(
    ("name", "values"),
    {
        "registry": (1e7, 1e8, 1e9, 1e10),
        "node_link": (1e6, 1e7, 1e8),
        "api_link": (1e6, 1e7, 1e8),
        "cores": (1, 2, 4, 16),
        "cpu_limit": (0.1, 0.5, 1),
    }.items(),
)
def test_more_of_something_is_never_slower(mode: Mode, name: str, values: tuple[float, ...]):
    last = [run(replace(AT_ONCE, **{name: value}), mode).last for value in values]
    # A kubelet that looks once a second can see an earlier end later, by that second at most.
    slack = AT_ONCE.relist if mode.work else 1e-6
    assert all(more <= less + slack for less, more in itertools.pairwise(last)), last


def test_what_is_shared_is_shared_alike():
    clock = Clock()
    link = Shared(clock, capacity=10, each=8)
    done = {}

    def user(name: str, work: float) -> Iterator:
        yield link.use(work)
        done[name] = clock.now

    clock.start(user("short", 10))
    clock.start(user("long", 26))
    clock.run()
    # 5 a second each for 2 s; the other then has 16 left, at the 8 that one gets at most.
    assert done == pytest.approx({"short": 2.0, "long": 4.0})


def test_a_client_waits_when_its_burst_is_spent():
    bucket = Bucket(rate=50, burst=100)
    assert bucket.delay(0.0, 100) == 0
    assert bucket.delay(0.0, 25) == pytest.approx(0.5)
    assert bucket.delay(10.0, 100) == 0
