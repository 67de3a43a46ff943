"""The manifest against its schema, and against what is really there."""

import datetime
import hashlib
import json

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


def test_it_is_valid_with_what_was_not_read(schema, customer, tmp_path):
    mounted = tmp_path / "mounted"
    (mounted / "below").mkdir(parents=True)
    (mounted / "ca.crt").write_bytes(customer.issuing.chain)
    (mounted / "service-ca.crt").write_bytes(b"")
    (mounted / "type").write_text("ca-certificates")
    (mounted / "ca.password").write_text("secret")
    (tmp_path / "empty").mkdir()
    sources = [mounted, tmp_path / "empty", tmp_path / "missing.pem"]
    named = [word for source in sources for word in ("--ca", source)]
    tree = binary.build(tmp_path / "trust", *named, "--optional")
    validate(tree.manifest, schema)
    kinds = [one["kind"] for one in tree.manifest["passedOver"]]
    assert kinds == ["password", "companion", "directory"]
    kinds = [one["kind"] for one in tree.manifest["absent"]]
    assert kinds == ["empty-file", "empty-directory", "missing"]


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
    # Issuing CA, root, the root again, the expired one: none is passed over silently.
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


def test_what_was_read_twice_points_to_where_it_is(tree):
    entries = tree.manifest["certificates"]
    kept = {e["sha256"] for e in entries if e["verdict"] == "kept"}
    merged = {e["sha256"] for e in entries if e["verdict"] == "merged"}
    assert merged
    assert merged <= kept
