"""What other programs make of a file of certificates: how many they take, or why none.

An answer is a number, or the words of a refusal.
"""

import base64
import concurrent.futures
import os
import re
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from support import environment, jvm

Answer = int | str

# Those of the bars: the oldest and the newest of each line in use.
JVMS = ("8", "11.0.13", "17", "21", "25")
# A file may ask for years of hashing. Whoever has not answered by then is not going to.
SECONDS = 10
NO_ANSWER = f"no answer within {SECONDS} seconds"
KEY_STORES = {".p12": "PKCS12", ".pfx": "PKCS12", ".jks": "JKS", ".jceks": "JCEKS"}
_SUBJECT = re.compile(r"^subject=", re.MULTILINE)


@dataclass(frozen=True)
class Question:
    file: Path
    password: str | None = None

    @property
    def key_store(self) -> str | None:
        """Its type where it is a store with a password."""
        return KEY_STORES.get(self.file.suffix)


def openssl(question: Question) -> Answer:
    """`openssl pkcs12` of a PKCS#12, `pkcs7` of a PKCS#7, `storeutl` of anything else."""
    file = question.file
    if question.key_store:
        said = ["pkcs12", "-legacy", "-nokeys", "-passin", f"pass:{question.password or ''}", "-in", file]
    elif file.suffix in {".p7b", ".p7c"}:
        form = "PEM" if b"-----BEGIN" in file.read_bytes() else "DER"
        said = ["pkcs7", "-print_certs", "-noout", "-inform", form, "-in", file]
    else:
        said = ["storeutl", "-noout", "-certs", file]
    try:
        done = subprocess.run(
            ["openssl", *map(str, said)],
            capture_output=True,
            timeout=SECONDS,
            env=environment.clean(),
        )
    except subprocess.TimeoutExpired:
        return NO_ANSWER
    text = done.stdout.decode(errors="replace")
    if question.key_store and done.returncode == 0:
        return text.count("-----BEGIN CERTIFICATE-----")
    if said[0] == "pkcs7" and done.returncode == 0:
        return len(_SUBJECT.findall(text))
    if total := re.search(r"^Total found: (\d+)$", text, re.MULTILINE):
        # It counts what it could read, and ends with 0 all the same.
        return int(total[1])
    return _openssl_words(done.stderr.decode(errors="replace"))


def _openssl_words(said: str) -> str:
    """The first error, without its process, its number and its place in the source."""
    for line in said.splitlines():
        if ":error:" in line:
            _, library, _, reason, *_ = line.split(":error:")[1].split(":") + [""] * 3
            return f"{library}: {reason}"
    return said.strip().splitlines()[0] if said.strip() else "ended without a word"


def python(question: Question) -> Answer:
    """`SSLContext.load_verify_locations`; of a PKCS#12, the package cryptography."""
    file = question.file
    if question.key_store == "PKCS12":
        return _cryptography(question)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    content = file.read_bytes()
    with tempfile.NamedTemporaryFile() as pem:
        if file.suffix == ".der":
            # Python reads no file of DER: the certificate is asked about, not its form.
            body = base64.encodebytes(content).decode()
            content = f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n".encode()
        pem.write(content)
        pem.flush()
        try:
            context.load_verify_locations(cafile=pem.name)
        except ssl.SSLError as error:
            return re.sub(r" \(_ssl\.c:\d+\)", "", str(error))
    return context.cert_store_stats()["x509"]


def _cryptography(question: Question) -> Answer:
    # In a process of its own, since it can be asked to hash for years.
    program = (
        "import sys\n"
        "from cryptography.hazmat.primitives.serialization import pkcs12\n"
        "password = sys.argv[2].encode() if len(sys.argv) > 2 else None\n"
        "try:\n"
        "    read = pkcs12.load_pkcs12(open(sys.argv[1], 'rb').read(), password)\n"
        "    print(len(read.additional_certs) + (read.cert is not None))\n"
        "except Exception as error:\n"
        "    print(f'{type(error).__name__}: {error}')\n"
    )
    password = [] if question.password is None else [question.password]
    try:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program, question.file, *password],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired:
        return NO_ANSWER
    except subprocess.CalledProcessError as error:
        return error.stderr.strip().splitlines()[-1]
    said = done.stdout.strip()
    return int(said) if said.isdigit() else said


def java(questions: Sequence[Question], only: str | None = None) -> list[dict[str, Answer]]:
    """What each JVM says of each file, or one of them."""
    words = []
    for question in questions:
        password = "-" if question.password is None else question.password.encode().hex()
        words += [question.key_store or "certificates", str(question.file), password]
    answers: list[dict[str, Answer]] = [{} for _ in questions]
    for name in [only] if only else JVMS:
        newest = next(full for full in reversed(jvm.names()) if f"{full}.".startswith(f"{name}."))
        java = jvm.get(newest).home / "bin" / "java"
        done = subprocess.run(
            [java, *jvm.QUICK_START, "-cp", jvm.classes("Ask"), "Ask", *words],
            capture_output=True,
            text=True,
            timeout=300,
            env=environment.clean(),
        )
        assert done.returncode == 0, done.stderr
        lines = [line.split("\t", 1) for line in done.stdout.splitlines()]
        for answer, (verdict, said) in zip(answers, lines, strict=True):
            answer[name] = int(said) if verdict == "took" else said
    return answers


def _native(question: Question) -> dict[str, Answer]:
    if question.key_store in {None, "PKCS12"}:
        return {"openssl": openssl(question), "python": python(question)}
    # Neither of them reads Java's own forms.
    return {}


def answers(questions: Sequence[Question]) -> list[dict]:
    """What OpenSSL, Python and the JVMs say of each file, as the sidecars have it.

    JVMs with the same answer share a key: `"8, 11.0.13": 2`; where all agree, their answer alone.
    """
    # Processes of their own do the work.
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        native = pool.map(_native, questions)
        by_jvms = java(questions)
    every = []
    for said, by_jvm in zip(native, by_jvms, strict=True):
        together: dict[Answer, list[str]] = {}
        for name, answer in by_jvm.items():
            together.setdefault(answer, []).append(name)
        names = {", ".join(names): answer for answer, names in together.items()}
        said["java"] = names if len(names) > 1 else by_jvm[JVMS[0]]
        every.append(said)
    return every


# What OpenSSL 3.0.22 reads otherwise than 3.0.19, whose answers the vectors hold.
_SINCE_3_0_22 = {
    "certificates/key-parameters-empty-long.der": {"openssl": 1, "python": 1},
    "pem/utf16-then-utf8.pem": {"openssl": 1},
    "stores/der-with-other.cer": {"openssl": 2},
}


def expected(vector: Path, clients: dict) -> dict[str, int | None]:
    """How many each client takes of a vector, whose recorded answers these are, with this machine's OpenSSL."""
    name = f"{vector.parent.name}/{vector.name}"
    # Major, minor, and behind a zero the patch.
    is_later = (3, 0, 0, 22) <= ssl.OPENSSL_VERSION_INFO < (3, 1)
    return outcomes(clients) | (_SINCE_3_0_22.get(name, {}) if is_later else {})


def outcomes(said: dict) -> dict[str, int | None]:
    """How many each client took, None for a refusal: the words differ between versions."""
    by_client = {name: said[name] for name in ("openssl", "python") if name in said}
    java = said["java"]
    by_name = java if isinstance(java, dict) else {", ".join(JVMS): java}
    for names, answer in by_name.items():
        by_client |= {f"Java {name}": answer for name in names.split(", ")}
    return {name: one if isinstance(one, int) else None for name, one in by_client.items()}
