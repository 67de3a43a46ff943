"""Makes the chains of tests/forged.rs again: a server's certificate and the root it names as its
issuer, whose key did not sign it (`genuine-…`: whose key did).

Run it with the tests' Python: $(tests/setup/python.sh)/bin/python crates/trust-doctor/tests/forged/make.py
"""

import datetime
import subprocess
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

HERE = Path(__file__).parent
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
END = datetime.datetime(2046, 1, 1, tzinfo=datetime.UTC)
PSS = padding.PSS(padding.MGF1(hashes.SHA256()), 32)


def rsa_key(bits=2048):
    return rsa.generate_private_key(65537, bits)


def name(text):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def root(key, digest):
    builder = certificate("Example Root CA", key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(True, None), True)
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    return builder.add_extension(usage, True).sign(key, digest)


def certificate(subject, key):
    builder = x509.CertificateBuilder().subject_name(name(subject))
    builder = builder.issuer_name(name("Example Root CA")).public_key(key)
    builder = builder.serial_number(1 if "Root" in subject else 2)
    return builder.not_valid_before(START).not_valid_after(END)


def leaf(signer, digest, rsa_padding=None):
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    builder = certificate("login.example.com", key)
    names = x509.SubjectAlternativeName([x509.DNSName("login.example.com")])
    builder = builder.add_extension(names, False)
    return builder.sign(signer, digest, rsa_padding=rsa_padding)


def write(name, *certificates):
    text = b"".join(one.public_bytes(Encoding.PEM) for one in certificates)
    (HERE / f"{name}.pem").write_bytes(text)


def leaf_by_openssl(key, *options):
    """A leaf by the openssl program, which still signs with broken hashes."""
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (work / "key.pem").write_bytes(pem)
        (work / "root.pem").write_bytes(root(key, hashes.SHA256()).public_bytes(Encoding.PEM))
        (work / "names").write_text("subjectAltName=DNS:login.example.com")
        request = "openssl req -newkey rsa:2048 -nodes -subj /CN=login.example.com -keyout /dev/null"
        request = subprocess.run(request.split(), capture_output=True, check=True).stdout
        sign = f"openssl x509 -req -days 7000 -CA {work}/root.pem -CAkey {work}/key.pem"
        sign = [*sign.split(), "-extfile", str(work / "names"), *options]
        done = subprocess.run(sign, input=request, capture_output=True, check=True)
        return x509.load_pem_x509_certificate(done.stdout)


def main():
    p521 = lambda: ec.generate_private_key(ec.SECP521R1())  # noqa: E731
    p256 = lambda: ec.generate_private_key(ec.SECP256R1())  # noqa: E731
    kinds = {
        "p-521": (p521, hashes.SHA512()),
        "p-256-with-sha-512": (p256, hashes.SHA512()),
        "p-256": (p256, hashes.SHA256()),
        "secp256k1": (lambda: ec.generate_private_key(ec.SECP256K1()), hashes.SHA256()),
        "brainpool": (lambda: ec.generate_private_key(ec.BrainpoolP256R1()), hashes.SHA256()),
        "ed448": (ed448.Ed448PrivateKey.generate, None),
        "ed25519": (ed25519.Ed25519PrivateKey.generate, None),
        "dsa": (lambda: dsa.generate_private_key(2048), hashes.SHA256()),
        "rsa": (rsa_key, hashes.SHA256()),
        "rsa-with-sha-224": (rsa_key, hashes.SHA224()),
        "rsa-of-1024-bits-with-sha-384": (lambda: rsa_key(1024), hashes.SHA384()),
    }
    for kind, (make, digest) in kinds.items():
        write(kind, leaf(make(), digest), root(make(), digest))
    write("rsa-pss", leaf(rsa_key(), hashes.SHA256(), PSS), root(rsa_key(), hashes.SHA256()))
    by_openssl = {
        "rsa-with-md5": ["-md5"],
        "rsa-pss-with-sha-1": ["-sha1", "-sigopt", "rsa_padding_mode:pss"],
    }
    for kind, options in by_openssl.items():
        write(kind, leaf_by_openssl(rsa_key(), *options), root(rsa_key(), hashes.SHA256()))
    # Signed by a key of another algorithm.
    write("p-256-by-rsa", leaf(rsa_key(), hashes.SHA256()), root(p256(), hashes.SHA256()))
    for kind, make, digest in [("p-256", p256, hashes.SHA256()), ("p-521", p521, hashes.SHA512())]:
        key = make()
        write(f"genuine-{kind}", leaf(key, digest), root(key, digest))


if __name__ == "__main__":
    main()
