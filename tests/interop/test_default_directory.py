"""Where build writes without --out: in a root with no sign of a container, and in one with each."""

import subprocess

import pytest

from support import binary, environment

# The root is a tmpfs: that of the machine may be an overlay, which is a sign. $0 is its place, $1 the program, $2 a CA,
# $3 a sign, and what follows are trust-init's arguments. What is in the root afterwards is printed, and trust.env.
IN_A_ROOT = """
mount -t tmpfs none "$0"
cp "$1" "$0/trust-init"
cp "$2" "$0/ca.pem"
mkdir "$0/home"
if [ -n "$3" ]; then mkdir -p "$(dirname "$0$3")"; touch "$0$3"; fi
root=$0
shift 3
unshare --root "$root" --wd /home /trust-init "$@" || echo "code $?"
cd "$root"
find . -name manifest.json -o -name truststore.p12
cat home/trust/trust.env 2>/dev/null || true
"""


CHAIN = environment.REPOSITORY / "examples" / "client-ca-chain.pem"


@pytest.fixture
def run(tmp_path):
    def run(*arguments, sign="", **variables):
        command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", IN_A_ROOT, tmp_path]
        command += [binary.path(), CHAIN, sign, *arguments]
        done = subprocess.run(
            list(map(str, command)), capture_output=True, text=True, timeout=60,
            env=environment.clean(**variables),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout, done.stderr

    return run


def test_a_machine_gets_a_directory_below_the_working_directory(run):
    found, log = run("build", "/ca.pem")
    assert {"./home/trust/java/truststore.p12", "./home/trust/manifest.json"} <= set(found.split())
    assert "./trust/manifest.json" not in found.split()
    assert "wrote ./trust/manifest.json" in log


def test_the_wiring_names_that_directory(run):
    found, _ = run("build", "/ca.pem", "--only", "java")
    assert "JAVA_TOOL_OPTIONS=-Djavax.net.ssl.trustStore=/home/trust/java/truststore.p12" in found.split()


def test_watch_and_its_probe_use_it_too(run):
    found, _ = run("watch", "--healthy")
    assert "no running watch has built the stores in ./trust" in found


@pytest.mark.parametrize(
    "sign", ["/.dockerenv", "/run/.containerenv", "/dev/termination-log", "/var/run/secrets/kubernetes.io"]
)
def test_a_container_gets_its_volume(run, sign):
    found, _ = run("build", "/ca.pem", sign=sign)
    assert sorted(found.split()) == ["./trust/java/truststore.p12", "./trust/manifest.json"]


def test_what_is_at_the_volumes_place_is_a_sign(run):
    found, log = run("build", "/ca.pem", sign="/trust")
    assert found.split() == ["code", "4"]
    assert "/trust: expected a directory" in log


def test_the_kubelets_variable_is_a_sign(run):
    found, _ = run("build", "/ca.pem", KUBERNETES_SERVICE_HOST="10.96.0.1")
    assert "./trust/manifest.json" in found.split()


def test_process_1_is_in_a_container(tmp_path):
    """A pod's main process, whatever its runtime leaves."""
    script = IN_A_ROOT.replace("unshare --root", "unshare --pid --fork --root")
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", script, tmp_path]
    command += [binary.path(), CHAIN, "", "build", "/ca.pem"]
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, timeout=60, env=environment.clean()
    )
    assert "./trust/manifest.json" in done.stdout.split(), done.stderr
