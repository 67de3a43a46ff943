"""`doctor --ask`: the real programs beside doctor, and programs that lie, hang, flood or are missing."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from support import binary, environment, fakes, jvm, pki, tls_server
from support.failures.scene import ELSEWHERE, Scene
from support.unprivileged import as_nobody

SECRET = "example-secret"
PROGRAMS = ["openssl", "curl", "python-ssl", "python", "java", "node"]
NAMES = ["openssl", "curl", "python3", "java", "node"]
# The Python of the tests has requests.
PYTHON = str(Path(sys.executable).parent)
JAVA = environment.REPOSITORY / "crates/trust-init/java"
PRLIMIT = shutil.which("prlimit") or "/usr/bin/prlimit"
AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="only root may become another user")


@pytest.fixture(scope="module")
def customer() -> pki.Authority:
    return pki.root("Example Customer Root CA").issue("Example Customer Issuing CA")


@pytest.fixture(scope="module")
def server(customer, tmp_path_factory) -> Iterator[str]:
    """A server of the customer's, as HOST:PORT."""
    with _served(customer.server(), tmp_path_factory.mktemp("server")) as host:
        yield host


@pytest.fixture(scope="module")
def trusting(customer, tmp_path_factory) -> dict[str, str]:
    """An environment in which every program trusts the customer's root."""
    with contextlib.ExitStack() as stack:
        scene = Scene(tmp_path_factory.mktemp("stores"), stack)
        return _everyone(scene.trusting(customer.above[0].certificate))


def _everyone(env: dict[str, str]) -> dict[str, str]:
    env["NODE_EXTRA_CA_CERTS"] = env["SSL_CERT_FILE"]
    # Its Python is found in PATH as well, where a test can put another in front of it.
    env.pop("VIRTUAL_ENV", None)
    return env | {"PATH": f"{PYTHON}:{env['PATH']}"}


@contextlib.contextmanager
def _served(server: pki.Server, directory: Path, **options) -> Iterator[str]:
    chain, key = server.write(directory / "served")
    with tls_server.serve(chain, key, **options) as listener:
        yield f"localhost:{listener.port}"


def doctor(*args: str | Path, env: dict[str, str], **options) -> binary.Run:
    return binary.run("doctor", "--ask", *args, env=env, **options)


def report(*args: str | Path, env: dict[str, str], **options) -> tuple[int, dict]:
    """The exit code, and the one server of the report."""
    done = doctor(*args, "--format=json", env=env, **options)
    assert done.code in {0, 1, 3}, done.stderr
    return done.code, json.loads(done.stdout)["servers"][0]


def answers(server: dict) -> dict[str, str]:
    return {one["client"]: one["answer"] for one in server["asked"]}


def asked(server: dict, client: str) -> dict:
    return next(one for one in server["asked"] if one["client"] == client)


def comparisons(server: dict) -> set:
    """How doctor's verdicts compare, without Node, for which it has none."""
    return {one["comparison"] for one in server["asked"] if one["client"] != "node"}


# The real programs.


def test_every_program_trusts_what_doctor_says_it_trusts(server, trusting):
    code, said = report(server, env=trusting)
    assert answers(said) == dict.fromkeys(PROGRAMS, "trusts"), said["asked"]
    assert (code, comparisons(said)) == (0, {"agrees"})
    assert all(one["version"] and one["words"] is None for one in said["asked"])
    text = doctor(server, env=trusting).stdout.decode()
    assert f"{server}: trusted by every client seen here\n" in text and "DIFFERENT" not in text


def test_every_program_refuses_what_doctor_says_it_refuses(server):
    code, said = report(server, env=_everyone(environment.clean(SSL_CERT_FILE="/etc/ssl/cert.pem")))
    assert answers(said) == dict.fromkeys(PROGRAMS, "refuses"), said["asked"]
    assert (code, comparisons(said)) == (1, {"agrees"})
    assert all(one["words"] for one in said["asked"])


def test_a_wrong_name_is_refused(customer, trusting, tmp_path):
    with _served(customer.server(names=ELSEWHERE), tmp_path) as host:
        code, said = report(host, env=trusting)
    assert answers(said) == dict.fromkeys(PROGRAMS, "refuses"), said["asked"]
    assert (code, comparisons(said)) == (1, {"agrees"})


@pytest.mark.parametrize("name", jvm.names())
def test_every_jvm_runs_the_probe(name, server, trusting, tmp_path):
    # The oldest is started by a script.
    for tool in ("dirname", "readlink"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    home = {"JAVA_HOME": str(jvm.get(name).home), "PATH": str(tmp_path)}

    def ask(env: dict[str, str]) -> dict:
        for _ in range(3):
            _, said = report(server, env=env)
            if not jvm.dropped_its_key(name, asked(said, "java")["words"] or ""):
                break
        return said

    said = ask(trusting | home)
    assert answers(said) == dict.fromkeys(PROGRAMS, "not-here") | {"java": "trusts"}, said["asked"]
    said = ask(environment.clean(**home))
    assert asked(said, "java")["answer"] == "refuses"
    assert "PKIX path building failed" in asked(said, "java")["words"]


def test_a_jvm_that_cannot_open_its_store_refuses_and_tells_no_password(server, trusting, tmp_path):
    with contextlib.ExitStack() as stack:
        store = Scene(tmp_path, stack).java(password="right-password")
    options = f"-Djavax.net.ssl.trustStore={store} -Djavax.net.ssl.trustStorePassword={SECRET}"
    done = doctor(server, "--format=json", env=trusting | {"JAVA_TOOL_OPTIONS": options})
    java = asked(json.loads(done.stdout)["servers"][0], "java")
    assert (java["answer"], java["comparison"]) == ("refuses", "agrees"), java
    assert SECRET not in done.stdout.decode() + done.stderr


def test_a_jvm_that_does_not_start_fails_and_tells_no_password(server, trusting):
    options = f"-Djavax.net.ssl.trustStorePassword={SECRET} -XX:+UseG1GC -XX:+UseSerialGC"
    done = doctor(server, "--format=json", env=trusting | {"JAVA_TOOL_OPTIONS": options})
    java = asked(json.loads(done.stdout)["servers"][0], "java")
    assert java["answer"] == "fails" and java["words"], java
    assert SECRET not in done.stdout.decode() + done.stderr


def test_options_of_spark_reach_the_probe(server, trusting):
    env = dict(trusting)
    env["SPARK_JAVA_OPT_0"] = env.pop("JAVA_TOOL_OPTIONS")
    env["SPARK_JAVA_OPT_1"] = "-Dcom.sun.management.jmxremote.port=1"
    _, said = report(server, env=env)
    assert asked(said, "java")["answer"] == "trusts", said["asked"]


def test_curl_that_is_told_not_to_verify_is_no_yes(server, trusting, tmp_path):
    (tmp_path / ".curlrc").write_text("insecure\n")
    env = trusting | {"HOME": str(tmp_path), "SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt"}
    _, said = report(server, env=env)
    curl = asked(said, "curl")
    assert curl["answer"] == "fails" and "set not to verify" in curl["words"]


@pytest.mark.parametrize("protocol", fakes.STARTTLS)
def test_tls_is_started_in_other_protocols(protocol, customer, trusting, tmp_path):
    before = fakes.STARTTLS[protocol]
    with _served(customer.server(), tmp_path, before=before) as host:
        _, said = report("--starttls", protocol, host, env=trusting)
    curl = "trusts" if protocol == "smtp" else "not-asked"
    assert answers(said) == {
        "openssl": "trusts",
        "curl": curl,
        "python-ssl": "trusts",
        "python": "not-asked",
        "java": "trusts",
        "node": "not-asked",
    }, said["asked"]


def test_a_server_that_does_not_start_tls_is_no_yes(trusting):
    with fakes.listener(fakes.says(b"N")) as port:
        code, said = report("--starttls=postgres", f"127.0.0.1:{port}", env=trusting)
    assert code == 3
    assert "trusts" not in answers(said).values() and asked(said, "java")["answer"] == "fails"


# The way there.


def test_programs_go_through_the_proxy_that_doctor_is_given(server, trusting):
    port = int(server.rpartition(":")[2])
    heard = []
    tunnel = fakes.tunnels(port)

    def proxy(connection: socket.socket) -> None:
        heard.append(connection.recv(4096, socket.MSG_PEEK))
        tunnel(connection)

    # Nobody else finds this name.
    host = "login.example.com"
    with fakes.listener(proxy) as at:
        url = f"http://me:{SECRET}@127.0.0.1:{at}"
        done = doctor(host, "--proxy", url, "--format=json", env=trusting)
    said = json.loads(done.stdout)["servers"][0]
    # The server is not called that: whoever says so has seen its certificate.
    assert answers(said) == dict.fromkeys(PROGRAMS, "refuses"), said["asked"]
    # doctor and six programs.
    assert sum(b"CONNECT login.example.com:443" in words for words in heard) >= len(PROGRAMS) + 1
    assert all(b"Proxy-Authorization: Basic" in words for words in heard)
    assert SECRET not in done.stdout.decode() + done.stderr


def test_a_proxys_password_is_on_no_command_line(server, trusting, tmp_path):
    for name in NAMES:
        _fake(tmp_path, name, f'echo "$@" >> {tmp_path}/{name}.words')
    url = f"http://me:{SECRET}@127.0.0.1:9"
    doctor(server, "--proxy", url, env=trusting | {"PATH": str(tmp_path)})
    for name in NAMES:
        words = (tmp_path / f"{name}.words").read_text()
        assert words and SECRET not in words


def test_no_proxy_means_none_for_the_programs_too(server, trusting):
    with fakes.closed() as port:
        env = trusting | {"HTTPS_PROXY": f"http://127.0.0.1:{port}"}
        _, through = report(server, env=env)
        code, direct = report(server, "--proxy=none", env=env)
    assert asked(through, "curl")["answer"] == asked(through, "python-ssl")["answer"] == "fails"
    assert (code, answers(direct)) == (0, dict.fromkeys(PROGRAMS, "trusts"))


def test_a_jvms_own_proxy_is_used(server, trusting):
    with fakes.closed() as port:
        options = f" -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort={port} -Dhttp.nonProxyHosts="
        java = {"JAVA_TOOL_OPTIONS": trusting["JAVA_TOOL_OPTIONS"] + options}
        _, said = report(server, env=trusting | java)
    assert asked(said, "java")["answer"] == "fails", said["asked"]


# Programs that are not what they should be.


def _fake(directory: Path, name: str, script: str) -> Path:
    directory.mkdir(exist_ok=True)
    program = directory / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


def _only(directory: Path, env: dict[str, str]) -> dict[str, str]:
    """No other programs than those in a directory, and what their scripts need."""
    return env | {"PATH": f"{directory}"}


def test_a_difference_is_said_aloud_and_a_real_refusal_counts(server, trusting, tmp_path):
    _fake(tmp_path, "python3", "echo 'trust-init: refuses SomeError: no'")
    code, said = report(server, env=_only(tmp_path, trusting))
    assert (code, said["cause"], comparisons(said)) == (1, None, {"differs", None})
    text = doctor(server, env=_only(tmp_path, trusting)).stdout.decode()
    assert "DIFFERENT: doctor's verdict is that Python ssl trusts it, but it refuses it" in text
    assert "hint: believe the program, and report this" in text
    assert f"{server}: trusted by every client seen here, BUT A PROGRAM" in text


def test_a_program_that_trusts_turns_no_refusal_into_a_yes(server, tmp_path):
    _fake(tmp_path, "python3", "echo 'trust-init: trusts'")
    # What a script of a shell reads without a variable is not seen, so there would be no verdict.
    public = environment.clean(SSL_CERT_FILE="/etc/ssl/certs/ca-certificates.crt")
    env = _only(tmp_path, public)
    code, said = report(server, env=env)
    assert (code, asked(said, "python-ssl")["comparison"]) == (1, "differs")
    text = doctor(server, env=env).stdout.decode()
    assert "DIFFERENT: doctor's verdict is that Python ssl refuses it, but it trusts it" in text


def test_a_program_that_fails_is_no_yes(server, trusting, tmp_path):
    _fake(tmp_path, "curl", "echo 'curl: (35) handshake failure' >&2; exit 35")
    code, said = report(server, env=_only(tmp_path, trusting))
    assert (code, asked(said, "curl")["answer"]) == (3, "fails")
    text = doctor(server, env=_only(tmp_path, trusting)).stdout.decode()
    assert "DIFFERENT: doctor finds nothing wrong, but curl fails" in text
    assert "but a program that was asked has no answer" in text


def test_a_program_settles_what_doctor_cannot_tell(tmp_path):
    """What a JVM does with a CA that restricts policies is not computed; here it does nothing."""
    root = pki.root("Example Customer Root CA")
    restriction = x509.PolicyConstraints(require_explicit_policy=None, inhibit_policy_mapping=0)
    issuing = root.issue("Example Customer Issuing CA", more=[restriction])
    (stores := tmp_path / "stores").mkdir()
    with contextlib.ExitStack() as stack:
        env = _everyone(Scene(stores, stack).trusting(root.certificate))
        host = stack.enter_context(_served(issuing.server(), tmp_path / "server"))
        without = binary.run("doctor", host, env=env)
        code, said = report(host, env=env)
        text = doctor(host, env=env).stdout.decode()
        _, unasked = report(host, env=env | {"PATH": "/nonexistent"})
    assert without.code == 3, without.stdout.decode()
    assert said["undecided"] == ["java"] and asked(said, "java")["comparison"] == "settles"
    assert (code, answers(said)) == (0, dict.fromkeys(PROGRAMS, "trusts")), said["asked"]
    assert "settled: doctor cannot tell; JVM was asked and trusts it" in text
    assert "; the programs that were asked trust it" in text
    assert answers(unasked)["java"] == "not-here" and unasked["cause"]["code"] == "cannot-tell"


HOSTILE = "\\033[31mred\\n  ok: every client trusts it\\r\\342\\200\\256"


def test_what_a_program_prints_writes_no_line(server, trusting, tmp_path):
    for name in NAMES:
        _fake(tmp_path, name, f"printf '{HOSTILE}' >&2\nprintf '{HOSTILE}'\nexit 9")
    text = doctor(server, env=_only(tmp_path, trusting)).stdout.decode()
    assert not {"\x1b", "\r", "\u202e"} & set(text)
    assert not [line for line in text.splitlines() if line.strip().startswith("ok:")]
    assert "ok: every client trusts it \\u{202e}" in text


def test_a_flood_is_bounded(server, trusting, tmp_path):
    for name in NAMES:
        _fake(tmp_path, name, "/usr/bin/yes | /usr/bin/head -c 10000000\n/usr/bin/yes x >&2")
    done = doctor(server, "--timeout=3", env=_only(tmp_path, trusting))
    assert done.code == 3 and len(done.stdout) < 10_000
    assert "gave no answer in time" in done.stdout.decode()


def test_children_of_a_program_are_ended(server, trusting, tmp_path):
    # It ends at once; its child holds the pipe and would go on.
    _fake(tmp_path, "python3", f"/bin/sleep 300 & echo $! > {tmp_path}/child; echo 'trust-init: trusts'")
    _fake(tmp_path, "node", f"/bin/sleep 300 & echo $! > {tmp_path}/other; wait")
    begun = time.monotonic()
    _, said = report("--timeout=2", server, env=_only(tmp_path, trusting))
    assert time.monotonic() - begun < 60
    assert answers(said)["python-ssl"] == "trusts" and answers(said)["node"] == "timed-out"
    for name in ("child", "other"):
        assert _is_gone(int((tmp_path / name).read_text())), name


def _is_gone(process: int) -> bool:
    """Whoever inherits a process may take a while to wait for it."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_a_silent_server_holds_nobody(trusting):
    begun = time.monotonic()
    with fakes.silent() as port:
        code, said = report("--timeout=3", f"localhost:{port}", env=trusting)
    assert code == 3 and time.monotonic() - begun < 60
    assert set(answers(said).values()) <= {"fails", "timed-out"}, said["asked"]


# No programs, few rights.


def test_without_any_program_the_report_is_doctors_alone(server, trusting):
    env = trusting | {"PATH": "/nonexistent"}
    code, said = report(server, env=env)
    assert (code, answers(said)) == (0, dict.fromkeys(PROGRAMS, "not-here"))
    text = doctor(server, env=env).stdout.decode()
    assert "asked nobody: openssl, curl, python3, java and node are not installed here" in text
    assert f"{server}: trusted by every client seen here\n" in text


@AS_ROOT
def test_a_distroless_image_has_nobody_to_ask(server, tmp_path):
    shutil.copy2(binary.path(), tmp_path / "trust-init")
    port = server.rpartition(":")[2]
    command = ["chroot", tmp_path, "/trust-init", "doctor", "--ask", f"127.0.0.1:{port}"]
    done = subprocess.run(
        list(map(str, command)), env={"PATH": os.environ["PATH"]}, capture_output=True, text=True
    )
    assert done.returncode == 1 and "asked nobody" in done.stdout, done.stdout + done.stderr


@AS_ROOT
def test_any_user_may_ask(server, open_directory):
    program, _ = as_nobody(open_directory)
    done = subprocess.run(
        [program, "doctor", "--ask", "--format=json", server],
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
        user=65532, group=65532, extra_groups=[], capture_output=True, text=True,
    )  # fmt: skip
    said = json.loads(done.stdout)["servers"][0]
    refused = [name for name, answer in answers(said).items() if answer == "refuses"]
    # Whether Debian's Python has requests is not for this test.
    assert {"openssl", "curl", "python-ssl", "java", "node"} <= set(refused), said["asked"]
    assert comparisons(said) <= {"agrees", None}


@AS_ROOT
@pytest.mark.parametrize("limit", ["--nproc=2", "--nofile=14"])
def test_programs_run_one_after_another_where_there_is_little_room(
    limit, server, trusting, open_directory
):
    program, _ = as_nobody(open_directory)
    for name in ("python3", "java", "node"):
        _fake(open_directory / "bin", name, "echo 'trust-init: refuses it all'")
    done = subprocess.run(
        [PRLIMIT, limit, program, "doctor", "--ask", "--format=json", server],
        env={"PATH": f"{open_directory}/bin"} | {"SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt"},
        # A user with no other process.
        user=54321, group=54321, extra_groups=[], capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    said = answers(json.loads(done.stdout)["servers"][0])
    assert {said[name] for name in ("python-ssl", "python", "java", "node")} == {"refuses"}, said


@AS_ROOT
def test_a_program_that_cannot_be_started_is_no_panic(server, open_directory):
    program, _ = as_nobody(open_directory)
    done = subprocess.run(
        [PRLIMIT, "--nproc=1", program, "doctor", "--ask", "--format=json", server],
        env={"PATH": "/usr/bin:/bin"}, user=54322, group=54322, extra_groups=[],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode in {1, 3}, done.stderr
    curl = asked(json.loads(done.stdout)["servers"][0], "curl")
    assert curl["answer"] == "fails" and "cannot be started" in curl["words"]


# What is run, and what is not.


def test_nothing_is_run_unless_asked_for(server, trusting, tmp_path):
    for name in NAMES:
        _fake(tmp_path, name, f"echo run >> {tmp_path}/ran")
    env = _only(tmp_path, trusting)
    binary.run("doctor", server, env=env)
    binary.run("doctor", "--format=json", server, env=env)
    assert not (tmp_path / "ran").exists()
    doctor(server, env=env)
    assert (tmp_path / "ran").exists()


def test_a_report_for_support_asks_too(server, trusting, tmp_path):
    (tmp_path / "bin").mkdir()
    _fake(tmp_path / "bin", "python3", "echo 'trust-init: refuses SomeError: no'")
    env = _only(tmp_path / "bin", trusting)
    done = binary.run("doctor", "--report", tmp_path / "ticket.txt", server, env=env)
    text = (tmp_path / "ticket.txt").read_text()
    assert done.code == 1 and "DIFFERENT: doctor's verdict is that Python ssl" in text
    assert "BUT A PROGRAM THAT WAS ASKED REFUSES IT" in text


def test_a_relative_directory_in_path_is_passed_over(server, trusting, tmp_path):
    for name in NAMES:
        _fake(tmp_path, name, f"echo run >> {tmp_path}/ran")
    _, said = report(server, env=trusting | {"PATH": ":.:bin"}, cwd=tmp_path)
    assert set(answers(said).values()) == {"not-here"} and not (tmp_path / "ran").exists()


def test_python_takes_no_module_from_the_working_directory(server, trusting, tmp_path):
    (tmp_path / "ssl.py").write_text("raise SystemExit('taken')")
    (tmp_path / "requests.py").write_text("raise SystemExit('taken')")
    code, said = report(server, env=trusting, cwd=tmp_path)
    assert (code, answers(said)["python"], answers(said)["python-ssl"]) == (0, "trusts", "trusts")


@AS_ROOT
def test_root_runs_no_program_that_others_can_change(server, trusting, open_directory):
    for name in NAMES:
        program = _fake(open_directory / "bin", name, f"echo run >> {open_directory}/ran")
        os.chown(program, 65532, 65532)
    _, said = report(server, env=_only(open_directory / "bin", trusting))
    assert set(answers(said).values()) == {"not-asked"}
    assert "users other than root can change" in asked(said, "curl")["words"]
    assert not (open_directory / "ran").exists()


@contextlib.contextmanager
def _process(*command: str | Path, env: dict[str, str], **options) -> Iterator[str]:
    process = subprocess.Popen(
        list(map(str, command)), env=env, stdout=subprocess.PIPE, text=True, **options
    )
    try:
        yield str(process.pid)
    finally:
        process.kill()
        process.wait()


def test_programs_get_the_environment_of_another_process(server, trusting):
    with _process("/bin/sleep", "60", env=trusting) as pid:
        code, said = report("--pid", pid, server, env=environment.clean(PATH="/nonexistent"))
    assert (code, answers(said)) == (0, dict.fromkeys(PROGRAMS, "trusts")), said["asked"]


def test_the_python_that_a_process_runs_is_asked(server, trusting):
    waits = "import time; time.sleep(60)"
    env = trusting | {"PATH": "/nonexistent"}
    with _process(sys.executable, "-c", waits, env=env) as pid:
        _, said = report("--pid", pid, server, env=environment.clean())
    assert asked(said, "python")["program"] == sys.executable
    assert answers(said)["python"] == answers(said)["python-ssl"] == "trusts", said["asked"]


@AS_ROOT
def test_programs_of_another_user_or_root_directory_are_not_run(server, trusting, tmp_path):
    nobody = {"user": 65532, "group": 65532, "extra_groups": []}
    with _process("/bin/sleep", "60", env=trusting, **nobody) as pid:
        _, other_user = report("--pid", pid, server, env=environment.clean())
    with _process("unshare", "--mount", "/bin/sleep", "60", env=trusting) as pid:
        _wait_for(pid, "sleep")
        _, other_mounts = report("--pid", pid, server, env=environment.clean())
    for said, words in [(other_user, "another user"), (other_mounts, "other files")]:
        assert set(answers(said).values()) == {"not-asked"}
        assert words in asked(said, "curl")["words"]


def _wait_for(pid: str, name: str) -> None:
    for _ in range(200):
        if Path(f"/proc/{pid}/comm").read_text().strip() == name:
            return
        time.sleep(0.02)
    pytest.fail(f"process {pid} did not become {name}")


@pytest.mark.parametrize("words", [[], ["--at", "2030-01-01", "localhost"]])
def test_it_is_a_question_about_a_server_now(words):
    done = doctor(*words, env=environment.clean())
    assert done.code == 2 and "--a" in done.stderr


# The probe that the binary carries.


def test_the_java_probe_is_made_from_its_source(tmp_path):
    made = tmp_path / "TrustProbe.jar"
    subprocess.run([sys.executable, JAVA / "make", made], check=True, env=environment.clean())
    with zipfile.ZipFile(made) as fresh, zipfile.ZipFile(JAVA / "TrustProbe.jar") as carried:
        assert fresh.namelist() == carried.namelist() == ["TrustProbe.class"]
        if fresh.comment != carried.comment:
            pytest.skip(f"made by {carried.comment}, and this is {fresh.comment}")
        assert fresh.read("TrustProbe.class") == carried.read("TrustProbe.class")
