#!/usr/bin/env python3
"""Makes the private keys of these tests with the programs that people use. See README.md.

Debian's packages: age bind9-utils default-jdk-headless gnupg gnutls-bin libnss3-tools minisign openssh-client
openssl putty-tools signify-openbsd wireguard-tools. Python's: jwcrypto, cryptography 48 or later.
"""

import base64
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa, rsa
from jwcrypto import jwk

HERE = Path(__file__).parent
# The same in every file that takes one. It protects nothing.
PASSWORD = "throwaway"

#: What each file is called in a message.
FORMS: dict[str, str] = {}


def run(*command: str, stdin: str = "", folder: Path | None = None) -> bytes:
    done = subprocess.run(
        command, input=stdin.encode(), capture_output=True, cwd=folder, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr.decode()}")
    return done.stdout


def write(name: str, content: bytes | str, form: str) -> None:
    content = content.encode() if isinstance(content, str) else content
    (HERE / name).write_bytes(content)
    FORMS[name] = form


def openssl(tmp: Path) -> None:
    def key(name: str, *options: str) -> str:
        path = str(tmp / name)
        run("openssl", "genpkey", "-out", path, *options)
        return path

    def convert(source: str, *options: str) -> bytes:
        return run("openssl", *options, "-in", source)

    rsa_key = key("rsa", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
    ec_key = key("ec", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    explicit = ("-pkeyopt", "ec_paramgen_curve:P-384", "-pkeyopt", "ec_param_enc:explicit")
    explicit_key = key("explicit", "-algorithm", "EC", *explicit)
    run("openssl", "dsaparam", "-out", str(tmp / "dsaparam"), "1024")
    dsa_key = key("dsa", "-paramfile", str(tmp / "dsaparam"))
    dh_key = key("dh", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048")
    pss_key = key("pss", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048")
    primes = ("-pkeyopt", "rsa_keygen_bits:2048", "-pkeyopt", "rsa_keygen_primes:3")
    primes_key = key("primes", "-algorithm", "RSA", *primes)

    write("rsa-pkcs8.pem", Path(rsa_key).read_bytes(), "PRIVATE KEY")
    write("rsa-pkcs1.pem", convert(rsa_key, "rsa", "-traditional"), "RSA PRIVATE KEY")
    encrypt = ("-aes256", "-passout", f"pass:{PASSWORD}")
    write("rsa-pkcs1-encrypted.pem", convert(rsa_key, "rsa", "-traditional", *encrypt), "RSA PRIVATE KEY")
    for name, options in (("pbes2", ("-v2", "aes256")), ("3des", ("-v1", "PBE-SHA1-3DES"))):
        topk8 = ("pkcs8", "-topk8", *options, "-passout", f"pass:{PASSWORD}")
        write(f"rsa-{name}.pem", convert(rsa_key, *topk8), "ENCRYPTED PRIVATE KEY")
        write(f"ec-{name}.der", convert(ec_key, *topk8, "-outform", "DER"), "encrypted PKCS#8 DER")
    parameters = run("openssl", "ecparam", "-name", "prime256v1")
    write("ec-sec1.pem", parameters + convert(ec_key, "ec"), "EC PRIVATE KEY")
    der = ("-outform", "DER")
    write("ec-sec1.der", convert(ec_key, "ec", *der), "SEC 1 DER")
    write("ec-sec1-no-public.der", convert(ec_key, "ec", "-no_public", *der), "SEC 1 DER")
    write("ec-sec1-explicit.der", convert(explicit_key, "ec", *der), "SEC 1 DER")
    write("dsa-traditional.pem", convert(dsa_key, "dsa"), "DSA PRIVATE KEY")
    write("dsa-traditional.der", convert(dsa_key, "dsa", *der), "DSA DER")
    write("rsa-pkcs1.der", convert(rsa_key, "rsa", "-traditional", *der), "PKCS#1 DER")
    write("rsa-primes-pkcs1.der", convert(primes_key, "rsa", "-traditional", *der), "PKCS#1 DER")
    pkcs8 = {"rsa": rsa_key, "ec": ec_key, "ec-explicit": explicit_key, "dsa": dsa_key, "dh": dh_key}
    pkcs8 |= {"rsa-pss": pss_key}
    for name in ("Ed25519", "Ed448", "X25519", "X448"):
        pkcs8[name.lower()] = key(name, "-algorithm", name)
    for name, path in pkcs8.items():
        write(f"{name}-pkcs8.der", convert(path, "pkcs8", "-topk8", "-nocrypt", *der), "PKCS#8 DER")
    write("ed25519.pem", Path(pkcs8["ed25519"]).read_bytes(), "PRIVATE KEY")
    text = "text of openssl or certtool"
    write("rsa-text.txt", convert(rsa_key, "rsa", "-noout", "-text"), text)
    write("ec-text.txt", convert(ec_key, "ec", "-noout", "-text"), text)
    write("ed25519-text.txt", convert(pkcs8["ed25519"], "pkey", "-noout", "-text"), text)
    write("rsa.pvk", convert(rsa_key, "rsa", "-outform", "PVK", "-pvk-none"), "Microsoft PVK")
    write("rsa.msblob", convert(rsa_key, "rsa", "-outform", "MSBLOB"), "Microsoft PRIVATEKEYBLOB")
    store(tmp, rsa_key)
    write("xml-rsa.xml", xml(Path(rsa_key)), "XML RSAKeyValue")
    write("gnutls-text.txt", run("certtool", "--key-info", "--infile", rsa_key), text)
    write("gnutls-ec-text.txt", run("certtool", "--key-info", "--infile", ec_key), text)


def store(tmp: Path, key: str) -> None:
    """PKCS#12 and Java keystores with a key in them."""
    certificate = str(tmp / "certificate")
    run("openssl", "req", "-x509", "-key", key, "-subj", "/CN=throwaway", "-days", "9999", "-out", certificate)
    export = ("openssl", "pkcs12", "-export", "-inkey", key, "-in", certificate)
    out = tmp / "store.p12"
    entry = "a key entry of a PKCS#12 store"
    for name, options in (("openssl", ()), ("openssl-plain", ("-keypbe", "NONE", "-certpbe", "NONE"))):
        run(*export, *options, "-passout", f"pass:{PASSWORD}", "-out", str(out))
        write(f"{name}.p12", out.read_bytes(), entry)
    database, exported = tmp / "nss", tmp / "nss.p12"
    database.mkdir()
    run("certutil", "-N", "-d", str(database), "--empty-password")
    run("pk12util", "-i", str(tmp / "store.p12"), "-d", str(database), "-W", PASSWORD)
    nickname = run("certutil", "-L", "-d", str(database)).decode().split("\n")[4].split("  ")[0]
    run("pk12util", "-o", str(exported), "-n", nickname, "-d", str(database), "-W", PASSWORD)
    write("nss.p12", exported.read_bytes(), entry)
    for kind in ("jks", "jceks"):
        path = tmp / f"store.{kind}"
        words = f"-genkeypair -keyalg EC -groupname secp256r1 -alias key -dname CN=throwaway -storetype {kind}"
        password = ("-storepass", PASSWORD, "-keypass", PASSWORD)
        run("keytool", *words.split(), "-keystore", str(path), *password)
        write(f"keytool.{kind}", path.read_bytes(), "a key entry of a Java keystore")


def where_no_key_belongs(tmp: Path) -> None:
    """A key as the name of an entry, as an alias, as what was signed."""
    key, certificate, out = (str(tmp / name) for name in ("key", "certificate", "out"))
    run("openssl", "genpkey", "-algorithm", "ed25519", "-out", key)
    request = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    signer = str(tmp / "signer")
    run(*request, "-keyout", signer, "-subj", "/CN=throwaway CA", "-days", "9999", "-out", certificate)
    text = Path(key).read_text()
    trusted = ("openssl", "x509", "-in", certificate, "-trustout", "-addtrust", "serverAuth")
    write("alias-trusted.pem", run(*trusted, "-setalias", text), "PRIVATE KEY")
    bare = text.split("\n")[1]
    write("alias-trusted-base64.pem", run(*trusted, "-setalias", bare), "PKCS#8 DER in base64")
    export = ("openssl", "pkcs12", "-export", "-nokeys", "-in", certificate, "-passout", "pass:", "-caname", text)
    run(*export, "-certpbe", "NONE", "-nomac", "-name", text, "-out", out)
    write("name.p12", Path(out).read_bytes(), "PRIVATE KEY")
    store = tmp / "alias.jks"
    words = ("keytool", "-importcert", "-noprompt", "-storetype", "JKS", "-storepass", PASSWORD)
    run(*words, "-file", certificate, "-alias", text, "-keystore", str(store))
    write("alias.jks", store.read_bytes(), "PRIVATE KEY")
    for name, options in (("content.p7b", ()), ("content-der.p7b", ("-binary",))):
        signed = key
        if options:
            signed = str(tmp / "key.der")
            run("openssl", "pkcs8", "-topk8", "-nocrypt", "-in", key, "-outform", "DER", "-out", signed)
        sign = ("openssl", "cms", "-sign", "-nodetach", "-outform", "DER", "-signer", certificate, *options)
        run(*sign, "-inkey", signer, "-in", signed, "-out", out)
        write(name, Path(out).read_bytes(), "PKCS#8 DER" if options else "PRIVATE KEY")


def xml(path: Path) -> str:
    """As .NET's `RSA.ToXmlString(true)` writes it."""
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    private, public = key.private_numbers(), key.public_key().public_numbers()
    numbers = {
        "Modulus": public.n, "Exponent": public.e, "P": private.p, "Q": private.q,
        "DP": private.dmp1, "DQ": private.dmq1, "InverseQ": private.iqmp, "D": private.d,
    }

    def encoded(number: int) -> str:
        return base64.b64encode(number.to_bytes((number.bit_length() + 7) // 8)).decode()

    fields = "".join(f"<{name}>{encoded(number)}</{name}>" for name, number in numbers.items())
    return f"<RSAKeyValue>{fields}</RSAKeyValue>\n"


def ssh(tmp: Path) -> None:
    for name, kind, options in (
        ("openssh-ed25519", "ed25519", ()),
        ("openssh-encrypted", "ed25519", ("-N", PASSWORD)),
        ("openssh-rsa", "rsa", ("-b", "2048")),
        ("openssh-ecdsa-pem", "ecdsa", ("-m", "PEM")),
    ):
        path = tmp / name
        empty = () if "-N" in options else ("-N", "")
        run("ssh-keygen", "-q", "-t", kind, "-C", "throwaway", "-f", str(path), *options, *empty)
        form = "EC PRIVATE KEY" if name.endswith("pem") else "OPENSSH PRIVATE KEY"
        write(f"{name}.key", path.read_bytes(), form)
    password = tmp / "password"
    password.write_text(PASSWORD + "\n")
    source = str(tmp / "openssh-rsa")
    for name, options, form in (
        ("putty-3.ppk", ("-O", "private", "--ppk-param", "version=3"), "PuTTY PPK"),
        ("putty-2.ppk", ("-O", "private", "--ppk-param", "version=2"), "PuTTY PPK"),
        ("ssh2.key", ("-O", "private-sshcom"), "SSH2 ENCRYPTED PRIVATE KEY"),
    ):
        path = tmp / name
        run("puttygen", source, *options, "-o", str(path))
        write(name, path.read_bytes(), form)
    path = tmp / "encrypted.ppk"
    command = ("puttygen", str(tmp / "openssh-ed25519"), "-O", "private", "-o", str(path))
    run(*command, "--new-passphrase", str(password))
    write("putty-encrypted.ppk", path.read_bytes(), "PuTTY PPK")


def small_programs(tmp: Path) -> None:
    write("age.txt", run("age-keygen"), "age identity")
    private = run("wg", "genkey").decode().strip()
    interface = f"[Interface]\nAddress = 10.0.0.2/32\nPrivateKey = {private}\n"
    write("wireguard.conf", interface, "raw key")
    run("signify-openbsd", "-G", "-n", "-p", "s.pub", "-s", "s.sec", folder=tmp)
    write("signify.sec", (tmp / "s.sec").read_bytes(), "signify in base64")
    run("minisign", "-G", "-W", "-p", "m.pub", "-s", "m.key", folder=tmp)
    write("minisign.key", (tmp / "m.key").read_bytes(), "minisign in base64")
    for algorithm in ("RSASHA256", "ECDSAP256SHA256", "ED25519"):
        folder = tmp / algorithm
        folder.mkdir()
        run("dnssec-keygen", "-a", algorithm, "example.test", folder=folder)
        [file] = folder.glob("*.private")
        write(f"dnssec-{algorithm.lower()}.private", file.read_bytes(), "DNSSEC")
    home = tmp / "gnupg"
    home.mkdir(mode=0o700)
    gpg = ("gpg", "--homedir", str(home), "--batch", "--pinentry-mode", "loopback", "--passphrase", "")
    run(*gpg, "--quick-gen-key", "throwaway", "ed25519", "default", "never")
    write("gpg.asc", run(*gpg, "--armor", "--export-secret-keys"), "PGP PRIVATE KEY BLOCK")
    write("gpg.gpg", run(*gpg, "--export-secret-keys"), "OpenPGP")
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)


def web(_tmp: Path) -> None:
    for name, options in (
        ("ec", {"kty": "EC", "crv": "P-256"}), ("rsa", {"kty": "RSA", "size": 2048}),
        ("okp", {"kty": "OKP", "crv": "Ed25519"}), ("oct", {"kty": "oct", "size": 256}),
    ):
        write(f"jwk-{name}.json", jwk.JWK.generate(**options).export_private() if name != "oct"
              else jwk.JWK.generate(**options).export(), "JWK")
    keys = jwk.JWKSet()
    keys["keys"].add(jwk.JWK.generate(kty="EC", crv="P-384"))
    write("jwk-set.json", json.dumps(json.loads(keys.export(private_keys=True)), indent=2), "JWK")


def python(_tmp: Path) -> None:
    form = (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    write("ml-dsa-65-pkcs8.der", mldsa.MLDSA65PrivateKey.generate().private_bytes(*form), "PKCS#8 DER")
    # OneAsymmetricKey of version 2, with the public key, as Java's and Rust's libraries write it.
    key = ed25519.Ed25519PrivateKey.generate()
    raw = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    body = b"\x02\x01\x01" + key.private_bytes(*form)[5:] + b"\x81\x21\x00" + key.public_key().public_bytes(*raw)
    write("ed25519-v2.der", b"\x30" + bytes([len(body)]) + body, "PKCS#8 DER")


def main() -> None:
    makers: list[Callable[[Path], None]] = [openssl, where_no_key_belongs, ssh, small_programs, web, python]
    os.environ["LC_ALL"] = "C.UTF-8"
    for maker in makers:
        tmp = Path(tempfile.mkdtemp())
        maker(tmp)
        shutil.rmtree(tmp)
    forms = json.dumps(dict(sorted(FORMS.items())), indent=2)
    (HERE / "forms.json").write_text(forms + "\n")


if __name__ == "__main__":
    main()
