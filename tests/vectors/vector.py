"""One vector: a file, what it is, and what trust-init is expected to say of it."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent

STORES = ("os", "java", "python", "custom")
# What a rule does where nothing else is asked for; the others warn.
DENY = {"malformed", "wrong-password", "private-key", "nothing-left"}
LEFT_OUT_OF = {
    "breaks-java": {"java"},
    "breaks-openssl": {"os", "python", "custom"},
    "distrusted": set(STORES),
}


@dataclass(frozen=True)
class Given:
    """A certificate of a vector, and the rules that it is found by."""

    der: bytes
    rules: tuple[str, ...] = ()

    def expected(self) -> dict:
        if "duplicate" in self.rules:
            # Its certificate is in the stores, by the first.
            return self._said("merged", [])
        out = set[str]().union(*(LEFT_OUT_OF.get(rule, ()) for rule in self.rules))
        stores = [store for store in STORES if store not in out]
        return self._said("kept" if stores else "dropped", stores)

    def _said(self, verdict: str, stores: list[str]) -> dict:
        return {
            "sha256": hashlib.sha256(self.der).hexdigest(),
            "verdict": verdict,
            "stores": stores,
            "rules": sorted(self.rules),
        }


@dataclass(frozen=True)
class Vector:
    file: str
    about: str
    make: Callable[[], bytes]
    certificates: tuple[Given, ...] = ()
    # A rule for each section that is no certificate.
    rejected: tuple[str, ...] = ()
    # The rules that the certificates together are found by.
    whole: tuple[str, ...] = ()
    password: str | None = None
    certificates_only: bool = False

    @property
    def path(self) -> Path:
        return HERE / self.file

    @property
    def sidecar(self) -> Path:
        return HERE / f"{self.file}.json"

    def described(self) -> dict:
        expected = [given.expected() for given in self.certificates]
        if self.file.startswith("stores/"):
            expected.sort(key=lambda one: one["sha256"])
        rules = {rule for given in self.certificates for rule in given.rules}
        rules.update(self.rejected, self.whole)
        described: dict = {"about": self.about}
        if self.password is not None:
            described["password"] = self.password
        if self.certificates_only:
            described["certificatesOnly"] = True
        described["expected"] = {
            "ok": not rules & (DENY | set(LEFT_OUT_OF)),
            "certificates": expected,
            "rejected": list(self.rejected),
            "set": list(self.whole),
        }
        return described

    def write(self, *, bytes_too: bool) -> None:
        clients = None
        if self.sidecar.exists():
            clients = json.loads(self.sidecar.read_text()).get("clients")
        if bytes_too:
            made = self.make()
            assert len(made) < 60_000, f"{self.file}: {len(made)} bytes"
            if not self.path.exists() or self.path.read_bytes() != made:
                self.path.parent.mkdir(exist_ok=True)
                self.path.write_bytes(made)
                clients = None
        described = self.described()
        if clients is not None:
            described["clients"] = clients
        write_sidecar(self.sidecar, described)


def write_sidecar(path: Path, described: dict) -> None:
    path.write_text(json.dumps(described, indent=2, ensure_ascii=False) + "\n")
