"""The manifest against its schema, and against what is really there."""

import datetime
import hashlib
import json
import subprocess

import jsonschema
import pytest
from cryptography import x509

from support import binary, environment, pki

SCHEMA = environment.REPOSITORY / "docs" / "manifest.schema.json"


@pytest.fixture(scope="module")
def schema():
    schema = json.loads(SCHEMA.read_text())
    jsonschema.validators.validator_for(schema).check_schema(schema)
    return schema


@pytest.fixture(scope="module")
def expired():
    return pki.root(
        "Example Expired CA", kind="ec", starts=pki.NOW - 9 * pki.DAY, ends=pki.NOW - pki.DAY
    )


@pytest.fixture(scope="module")
def rejected():
    return pki.root("Example Rejected CA", kind="ec")


@pytest.fixture(scope="module")
def tree(customer, expired, rejected, tmp_path_factory):
    """A tree with something of every kind: kept, merged, dropped."""
    work = tmp_path_factory.mktemp("manifest")
    chain = work / "chain.pem"
    chain.write_bytes(customer.issuing.chain + customer.root.pem + expired.pem)
    trusted = work / "rejected.pem"
    trusted.write_bytes(pki.rejecting(rejected.certificate))
    built = binary.build(work / "trust", "--ca", chain, "--ca", trusted)
    built.sources = [chain, trusted]
    return built


def validate(instance, schema):
    kind = jsonschema.validators.validator_for(schema)
    jsonschema.validate(instance, schema, format_checker=kind.FORMAT_CHECKER)


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--base", "none"],
        ["--only", "os"],
        ["--only", "java,python", "--java-store", "jks"],
        ["--java-store", "pkcs12-encrypted"],
    ],
    ids=" ".join,
)
def test_it_is_valid(options, schema, customer, tmp_path):
    tree = binary.build(tmp_path / "trust", "--ca", customer.chain_file, *options)
    validate(tree.manifest, schema)


def test_it_is_valid_with_drops(schema, tree):
    validate(tree.manifest, schema)


def test_the_schema_refuses_what_it_should(schema, tree):
    """A schema that takes anything would make the tests above say nothing."""
    for spoil in (
        lambda m: m.pop("certificates"),
        lambda m: m.pop("caBundleHash"),
        lambda m: m["artifacts"][0].pop("sha256"),
        lambda m: m["artifacts"][0].update(size="large"),
        lambda m: m["certificates"][0].update(verdict="lost"),
        lambda m: m["certificates"][0].update(sha256="AB:CD"),
        lambda m: m["certificates"][0].update(stores=["everywhere"]),
    ):
        manifest = tree.manifest
        spoil(manifest)
        with pytest.raises(jsonschema.ValidationError):
            validate(manifest, schema)


def test_each_artifact_is_as_described(tree):
    artifacts = tree.manifest["artifacts"]
    for artifact in artifacts:
        path = tree / artifact["path"]
        if path.is_dir():
            continue  # the hashed directory is one artifact; test_openssl reads it
        content = path.read_bytes()
        assert artifact["size"] == len(content), path
        assert artifact["sha256"] == hashlib.sha256(content).hexdigest(), path
        if path.suffix in (".pem", ".crt"):
            assert artifact["certificates"] == len(binary.pem_fingerprints(content)), path
        elif path.parent.name == "java":
            assert artifact["certificates"] == len(tree.fingerprints("java")), path
    described = {artifact["path"].rstrip("/") for artifact in artifacts}
    assert {
        "os/ca-certificates.crt",
        "os/java/cacerts",
        "java/truststore.p12",
        "python/cacert.pem",
        "custom/client-ca-chain.pem",
        "trust.env",
    } <= described
    assert len(described) == len(artifacts)


@pytest.mark.parametrize(
    ("name", "store"),
    [
        ("os/ca-certificates.crt", "os"),
        ("python/cacert.pem", "python"),
        ("custom/client-ca-chain.pem", "custom"),
    ],
)
def test_each_bundle_holds_the_certificates_it_says(name, store, tree):
    found = binary.pem_fingerprints((tree / name).read_bytes())
    assert sorted(found) == tree.fingerprints(store)
    assert len(set(found)) == len(found)


def test_the_customers_certificates_are_told_whole(tree, customer, expired, rejected):
    entries = tree.manifest["certificates"]
    by_file = [entry for entry in entries if "chain.pem" in json.dumps(entry["origin"])]
    # Issuing CA, root, the root again, the expired one: none is passed over in silence.
    assert len(by_file) == 4
    kept = [e for e in by_file if e["verdict"] == "kept"]
    assert {e["sha256"] for e in kept} == {
        customer.issuing.sha256,
        customer.root.sha256,
        expired.sha256,
    }
    [again] = [e for e in by_file if e["verdict"] != "kept"]
    assert (again["sha256"], again["verdict"]) == (customer.root.sha256, "merged")
    [dropped] = [e for e in entries if e["sha256"] == rejected.sha256]
    assert (dropped["verdict"], dropped["rule"], dropped["stores"]) == ("dropped", "distrusted", [])


def test_nothing_dropped_is_in_a_store(tree, rejected):
    for name in ("os/ca-certificates.crt", "python/cacert.pem", "custom/client-ca-chain.pem"):
        assert rejected.sha256 not in binary.pem_fingerprints((tree / name).read_bytes())
    assert rejected.certificate.der not in (tree / "java/truststore.p12").read_bytes()


def test_what_it_says_of_a_certificate_is_true(tree):
    pem = (tree / "os/ca-certificates.crt").read_bytes()
    real = {
        hashlib.sha256(c.public_bytes(pki.serialization.Encoding.DER)).hexdigest(): c
        for c in x509.load_pem_x509_certificates(pem)
    }
    checked = 0
    for entry in tree.manifest["certificates"]:
        if certificate := real.get(entry["sha256"]):
            for field, moment in (
                ("notBefore", certificate.not_valid_before_utc),
                ("notAfter", certificate.not_valid_after_utc),
            ):
                assert datetime.datetime.fromisoformat(entry[field]) == moment, entry
            for field, name in (
                ("subject", certificate.subject),
                ("issuer", certificate.issuer),
            ):
                for attribute in name:
                    if str(attribute.value).isascii() and str(attribute.value).isalnum():
                        assert attribute.value in entry[field], entry
            checked += 1
    assert checked >= len(real) > 100


def test_the_bundle_hash_of_one_file_is_its_sha256sum(customer, tmp_path):
    tree = binary.build(tmp_path / "trust", "--ca", customer.chain_file, "--base", "none")
    expected = hashlib.sha256(customer.chain_file.read_bytes()).hexdigest()
    assert tree.manifest["caBundleHash"] == expected


def test_the_bundle_hash_of_several_is_that_of_their_sums(tree):
    """As anyone would compute it: sha256sum, sort, sha256sum."""
    [directory] = {path.parent for path in tree.sources}
    names = " ".join(path.name for path in tree.sources)
    assert tree.manifest["caBundleHash"] == _shell(f"sha256sum {names} | sort | sha256sum", directory)


def test_the_anchors_hash_is_that_of_the_sorted_fingerprints(tree):
    lines = "".join(f"{fingerprint}\n" for fingerprint in tree.fingerprints("custom"))
    assert tree.manifest["trustAnchorsHash"] == hashlib.sha256(lines.encode()).hexdigest()


def _shell(command, directory):
    done = subprocess.run(
        ["sh", "-c", command], cwd=directory, env=environment.clean(LC_ALL="C"),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.split()[0]


def test_a_customers_ca_that_is_public_already_is_still_the_customers(customer, tmp_path):
    """The base has it too: one entry in each store, and it is in the customer's own chain."""
    public = binary.build(tmp_path / "public", "--base", "mozilla")
    first = binary.PEM_BLOCK.search((public / "os/ca-certificates.crt").read_bytes())[0] + b"\n"
    [fingerprint] = binary.pem_fingerprints(first)
    source = tmp_path / "ca.pem"
    source.write_bytes(customer.root.pem + first)
    tree = binary.build(tmp_path / "trust", "--ca", source, "--base", "mozilla")
    assert tree.fingerprints("custom") == sorted([fingerprint, customer.root.sha256])
    for store, name in (("os", "os/ca-certificates.crt"), ("python", "python/cacert.pem")):
        expected = sorted({*public.fingerprints(store), customer.root.sha256})
        assert tree.fingerprints(store) == expected
        assert sorted(binary.pem_fingerprints((tree / name).read_bytes())) == expected
    custom = (tree / "custom/client-ca-chain.pem").read_bytes()
    assert sorted(binary.pem_fingerprints(custom)) == tree.fingerprints("custom")


def test_what_was_read_twice_points_to_where_it_is(tree):
    entries = tree.manifest["certificates"]
    kept = {e["sha256"] for e in entries if e["verdict"] == "kept"}
    merged = {e["sha256"] for e in entries if e["verdict"] == "merged"}
    assert merged
    assert merged <= kept


def test_drops_are_told_on_standard_error(rejected, customer, tmp_path):
    trusted = tmp_path / "rejected.pem"
    trusted.write_bytes(pki.rejecting(rejected.certificate))
    done = binary.run(
        "build", "--out", tmp_path / "trust", "--ca", customer.chain_file, "--ca", trusted
    )
    assert done.code == 0, done.stderr
    told = [line for line in done.stderr.splitlines() if "distrusted" in line]
    assert len(told) == 1
    assert f"{trusted}:1" in told[0]
    assert "Example Rejected CA" in told[0]
