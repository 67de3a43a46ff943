"""Says what OpenSSL, Python's ssl and the package cryptography take from each file on standard input: its
password and its content, each after four bytes of length; a length of ffffffff means no password.

With a file of passwords as its argument, it says which of them opens each store instead.

Each gets a line of JSON: for each way to read it, its certificates in Base64, how many private keys it holds,
and why it could not be read, if so. It asks the OpenSSL that this Python is linked with, by the functions that
the programs call: `openssl storeutl` (OSSL_STORE), `SSL_CTX_load_verify_locations` (PEM_X509_INFO_read_bio),
`openssl x509` and `SSL_CTX_use_certificate_chain_file` (PEM_read_bio_X509_AUX), `openssl pkcs7`
(CMS_get1_certs), `openssl pkcs12` (PKCS12_parse), and d2i_X509.
"""

import base64
import ctypes
import hashlib
import json
import os
import re
import ssl
import struct
import sys
import warnings
from collections.abc import Callable, Iterator

try:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
except ImportError:
    x509 = None

warnings.filterwarnings("ignore")

# That which this Python's ssl is linked with, and which is loaded already.
crypto = ctypes.CDLL("libcrypto.so.3")
Pointer = ctypes.c_void_p
Passphrase = ctypes.CFUNCTYPE(ctypes.c_int, Pointer, ctypes.c_int, ctypes.c_int, Pointer)
RETURNS = {
    Pointer: """BIO_new BIO_new_mem_buf BIO_s_mem OSSL_PROVIDER_load OSSL_STORE_attach OSSL_STORE_load
        OSSL_STORE_INFO_get0_CERT UI_UTIL_wrap_read_pem_callback PEM_X509_INFO_read_bio OPENSSL_sk_value
        PEM_read_bio_X509_AUX d2i_X509_bio d2i_CMS_bio PEM_read_bio_CMS CMS_get1_certs d2i_PKCS12_bio
        d2i_PrivateKey_bio PEM_read_bio_PrivateKey""".split(),
    ctypes.c_ulong: ["ERR_peek_error"],
    ctypes.c_char_p: ["ERR_reason_error_string"],
}
for kind, names in RETURNS.items():
    for name in names:
        getattr(crypto, name).restype = kind
for name in ("default", "legacy"):
    crypto.OSSL_PROVIDER_load(None, name.encode())

# What OSSL_STORE_INFO_get_type calls a private key and a certificate.
PRIVATE_KEY, CERTIFICATE = 4, 5
# A file may hold so many; a loop that meets more has gone astray.
MOST = 10_000
# OSSL_STORE takes a time that grows as the square of a text in which it finds nothing.
PATIENCE = 16 * 1024
PEM = re.compile(rb"^-----BEGIN .*?^-----END ", re.MULTILINE | re.DOTALL)


class Answer:
    """What one way to read a file finds."""

    def __init__(self) -> None:
        self.certificates: list[str] = []
        self.keys = 0
        self.error: str | None = None

    def add(self, der: bytes) -> None:
        self.certificates.append(base64.b64encode(der).decode())

    def add_x509(self, certificate: int | None) -> None:
        size = crypto.i2d_X509(Pointer(certificate), None)
        if size <= 0:
            raise ValueError("i2d_X509")
        out = ctypes.create_string_buffer(size)
        crypto.i2d_X509(Pointer(certificate), ctypes.byref(Pointer(ctypes.addressof(out))))
        self.add(out.raw)


class File:
    def __init__(self, content: bytes, password: bytes | None) -> None:
        self.content = content
        self.password = password
        self._callback = Passphrase(self._pass)

    def _pass(self, into: int, size: int, _writing: int, _data: int) -> int:
        word = (self.password or b"")[:size]
        ctypes.memmove(into, word, len(word))
        return len(word)

    def bio(self) -> Pointer:
        # A memory BIO that says "end of file" at its end, as a file does.
        return Pointer(crypto.BIO_new_mem_buf(self.content, len(self.content)))


def reason() -> str:
    error = crypto.ERR_peek_error()
    words = crypto.ERR_reason_error_string(ctypes.c_ulong(error))
    crypto.ERR_clear_error()
    return words.decode() if words else "ended without a word"


def in_store(file: File, answer: Answer) -> None:
    if file.content[:1] != b"\x30" and len(PEM.sub(b"", file.content)) > PATIENCE:
        answer.error = "not asked: there is too much text around its PEM"
        return
    method = Pointer(crypto.UI_UTIL_wrap_read_pem_callback(file._callback, 0))
    bio = file.bio()
    store = Pointer(
        crypto.OSSL_STORE_attach(bio, b"file", None, None, method, None, None, None, None)
    )
    if store:
        for _ in range(MOST):
            if crypto.OSSL_STORE_eof(store):
                break
            info = Pointer(crypto.OSSL_STORE_load(store))
            if not info:
                if crypto.OSSL_STORE_error(store):
                    answer.error = answer.error or reason()
                continue
            kind = crypto.OSSL_STORE_INFO_get_type(info)
            answer.keys += kind == PRIVATE_KEY
            if kind == CERTIFICATE:
                answer.add_x509(crypto.OSSL_STORE_INFO_get0_CERT(info))
            crypto.OSSL_STORE_INFO_free(info)
        crypto.OSSL_STORE_close(store)
    else:
        answer.error = reason()
    crypto.BIO_free(bio)
    crypto.UI_destroy_method(method)


class X509Info(ctypes.Structure):
    _fields_ = [("x509", Pointer), ("crl", Pointer), ("key", Pointer)]


def stack(pointer: int | None) -> Iterator[int]:
    for index in range(crypto.OPENSSL_sk_num(Pointer(pointer))):
        yield crypto.OPENSSL_sk_value(Pointer(pointer), index)


def in_bundle(file: File, answer: Answer) -> None:
    bio = file.bio()
    found = crypto.PEM_X509_INFO_read_bio(bio, None, file._callback, None)
    if not found:
        answer.error = reason()
    for one in stack(found) if found else ():
        info = X509Info.from_address(one)
        answer.keys += bool(info.key)
        if info.x509:
            answer.add_x509(info.x509)
    if found:
        crypto.OPENSSL_sk_pop_free(Pointer(found), crypto.X509_INFO_free)
    crypto.BIO_free(bio)


def in_context(file: File, answer: Answer) -> None:
    """Python's own functions: a bundle by its name, PEM and DER by their content."""
    ways = {"cafile": _by_file, "cadata": _by_data}
    for name, way in ways.items():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            way(context, file.content)
        except (ssl.SSLError, ValueError, UnicodeError) as error:
            answer.error = f"{name}: {error}"
        # Of the anchors it gives only those that are a CA's.
        for der in context.get_ca_certs(binary_form=True):
            answer.add(der)


def _by_file(context: ssl.SSLContext, content: bytes) -> None:
    name = f"/dev/shm/native-{os.getpid()}"
    with open(name, "wb") as out:
        out.write(content)
    try:
        context.load_verify_locations(cafile=name)
    finally:
        os.remove(name)


def _by_data(context: ssl.SSLContext, content: bytes) -> None:
    if content:
        is_der = content[0] == 0x30
        context.load_verify_locations(cadata=content if is_der else content.decode("ascii"))


def one_by_one(read: Callable[[Pointer, File], int | None]) -> Callable[[File, Answer], None]:
    def reading(file: File, answer: Answer) -> None:
        bio = file.bio()
        for _ in range(MOST):
            found = read(bio, file)
            if not found:
                answer.error = reason()
                break
            answer.add_x509(found)
            crypto.X509_free(Pointer(found))
        crypto.BIO_free(bio)

    return reading


def signed_data(read: str) -> Callable[[File, Answer], None]:
    def reading(file: File, answer: Answer) -> None:
        bio = file.bio()
        more = (file._callback, None) if read.startswith("PEM") else ()
        message = Pointer(getattr(crypto, read)(bio, None, *more))
        if message:
            found = crypto.CMS_get1_certs(message)
            for one in stack(found) if found else ():
                answer.add_x509(one)
            if found:
                crypto.OPENSSL_sk_pop_free(Pointer(found), crypto.X509_free)
            crypto.CMS_ContentInfo_free(message)
        else:
            answer.error = reason()
        crypto.BIO_free(bio)

    return reading


def pkcs12(file: File, answer: Answer) -> None:
    bio = file.bio()
    store = Pointer(crypto.d2i_PKCS12_bio(bio, None))
    crypto.BIO_free(bio)
    if not store:
        answer.error = reason()
        return
    key, certificate, others = Pointer(), Pointer(), Pointer()
    parts = map(ctypes.byref, (key, certificate, others))
    if crypto.PKCS12_parse(store, file.password, *parts) == 1:
        answer.keys += bool(key)
        if certificate:
            answer.add_x509(certificate.value)
            crypto.X509_free(certificate)
        for one in stack(others.value) if others else ():
            answer.add_x509(one)
        if others:
            crypto.OPENSSL_sk_pop_free(others, crypto.X509_free)
        if key:
            crypto.EVP_PKEY_free(key)
    else:
        answer.error = reason()
    crypto.PKCS12_free(store)


def private_key(read: str) -> Callable[[File, Answer], None]:
    def reading(file: File, answer: Answer) -> None:
        bio = file.bio()
        more = (file._callback, None) if read.startswith("PEM") else ()
        key = Pointer(getattr(crypto, read)(bio, None, *more))
        if key:
            answer.keys += 1
            crypto.EVP_PKEY_free(key)
        else:
            answer.error = reason()
        crypto.BIO_free(bio)

    return reading


def by_cryptography(load: Callable[[bytes], list]) -> Callable[[File, Answer], None]:
    def reading(file: File, answer: Answer) -> None:
        try:
            for one in load(file.content):
                answer.add(one.public_bytes(Encoding.DER))
        except BaseException as error:  # noqa: BLE001 - its panics are no Exception
            answer.error = f"{type(error).__name__}: {error}"

    return reading


def pem_aux(bio: Pointer, file: File) -> int | None:
    return crypto.PEM_read_bio_X509_AUX(bio, None, file._callback, None)


def der(bio: Pointer, _file: File) -> int | None:
    return crypto.d2i_X509_bio(bio, None)


def ways(content: bytes) -> dict[str, Callable[[File, Answer], None]]:
    found = {
        "storeutl": in_store,
        "bundle": in_bundle,
        "ssl": in_context,
        "x509": one_by_one(pem_aux),
        "pkcs7": signed_data("PEM_read_bio_CMS"),
        "pkey": private_key("PEM_read_bio_PrivateKey"),
    }
    if x509:
        found["cryptography"] = by_cryptography(x509.load_pem_x509_certificates)
        found["cryptography pkcs7"] = by_cryptography(pkcs7.load_pem_pkcs7_certificates)
    if content[:1] == b"\x30":
        found |= {
            "x509 DER": one_by_one(der),
            "pkcs7 DER": signed_data("d2i_CMS_bio"),
            "pkcs12": pkcs12,
            "pkey DER": private_key("d2i_PrivateKey_bio"),
        }
        if x509:
            found["cryptography DER"] = by_cryptography(
                lambda content: [x509.load_der_x509_certificate(content)]
            )
            found["cryptography pkcs7 DER"] = by_cryptography(pkcs7.load_der_pkcs7_certificates)
    return found


def said(file: File) -> dict[str, dict]:
    answers = {}
    for name, way in ways(file.content).items():
        answer = Answer()
        crypto.ERR_clear_error()
        way(file, answer)
        answers[name] = vars(answer)
    return answers


def opening(content: bytes, words: list[str]) -> str | None:
    """The first word that opens a PKCS#12 store or a Java keystore."""
    if content[:4] in {b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce"}:
        # What comes before the last 20 bytes is hashed with the password.
        for word in words:
            salted = word.encode("utf-16-be") + b"Mighty Aphrodite" + content[:-20]
            if hashlib.sha1(salted).digest() == content[-20:]:
                return word
        return None
    if content[:1] != b"\x30":
        return None
    store = Pointer(crypto.d2i_PKCS12_bio(File(content, None).bio(), None))
    if not store:
        return None
    has_mac = crypto.PKCS12_mac_present(store)
    for word in words:
        if has_mac and crypto.PKCS12_verify_mac(store, word.encode(), -1) == 1:
            return word
        if not has_mac and crypto.PKCS12_parse(store, word.encode(), *map(ctypes.byref, (Pointer(), Pointer(), Pointer()))) == 1:
            return word
    return None


def field(records) -> bytes | None:
    (length,) = struct.unpack(">I", records.read(4))
    return None if length == 0xFFFFFFFF else records.read(length)


def main() -> None:
    words = open(sys.argv[1]).read().split("\n") if len(sys.argv) > 1 else None
    # Who asks for a pass phrase finds nobody, and no record either.
    records = open(os.dup(0), "rb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    while records.peek(1):
        password = field(records)
        content = field(records) or b""
        if words is None:
            print(json.dumps(said(File(content, password))), flush=True)
        else:
            print(json.dumps(opening(content, words)), flush=True)


if __name__ == "__main__":
    main()
