"""OpenSSL, curl, Python and requests, asked for each case as they decide in a handshake.

A program of its own, run by the Python whose libraries are asked; it imports nothing of the tests.
Reads a JSON object a line: first `{"port": …}`, then cases. Writes `{"versions": …}`, then an
answer a line for each case and client.

Each client shakes hands with the server on loopback (server.py). The time of a case is set as the
time of verification in OpenSSL, which all of these clients leave unset; faking the clock of the
process would mean a process for each time.
"""

import ctypes
import json
import socket
import ssl
import sys
import tempfile

import requests
import urllib3

CRYPTO = ctypes.CDLL("libcrypto.so.3")
SSL = ctypes.CDLL("libssl.so.3")
CURL = ctypes.CDLL("libcurl.so.4")
P, I, S = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
for library, name, result, *arguments in [
    (SSL, "TLS_client_method", P),
    (SSL, "SSL_CTX_new", P, P),
    (SSL, "SSL_CTX_free", None, P),
    (SSL, "SSL_CTX_get0_param", P, P),
    (SSL, "SSL_CTX_load_verify_file", I, P, S),
    (SSL, "SSL_CTX_set_verify", None, P, I, P),
    (SSL, "SSL_new", P, P),
    (SSL, "SSL_free", None, P),
    (SSL, "SSL_get0_param", P, P),
    (SSL, "SSL_set_fd", I, P, I),
    (SSL, "SSL_connect", I, P),
    (SSL, "SSL_get_verify_result", ctypes.c_long, P),
    (CRYPTO, "X509_VERIFY_PARAM_set_time", None, P, ctypes.c_int64),
    (CRYPTO, "X509_VERIFY_PARAM_set1_host", I, P, S, ctypes.c_size_t),
    (CRYPTO, "X509_VERIFY_PARAM_set1_ip_asc", I, P, S),
    (CRYPTO, "X509_verify_cert_error_string", S, ctypes.c_long),
    (CRYPTO, "ERR_get_error", ctypes.c_ulong),
    (CRYPTO, "ERR_clear_error", None),
    (CRYPTO, "ERR_reason_error_string", S, ctypes.c_ulong),
    (CRYPTO, "OpenSSL_version", S, I),
    (CURL, "curl_version", S),
    (CURL, "curl_easy_init", P),
    (CURL, "curl_easy_cleanup", None, P),
    (CURL, "curl_easy_perform", I, P),
    (CURL, "curl_easy_strerror", S, I),
    (CURL, "curl_slist_append", P, P, S),
    (CURL, "curl_slist_free_all", None, P),
]:
    function = getattr(library, name)
    function.restype, function.argtypes = result, arguments

# Long enough for a busy machine: a test fails where it passes.
SECONDS = 60
TRUSTED, REFUSED, BROKEN_STORE, FAILED = "trusted", "refused", "broken-store", "failed"


def set_time(context: int, at: int) -> None:
    CRYPTO.X509_VERIFY_PARAM_set_time(SSL.SSL_CTX_get0_param(context), at)


def inside(context: ssl.SSLContext) -> int:
    """The SSL_CTX of a Python context: the first field behind the object's head (_ssl.c)."""
    return P.from_address(id(context) + object.__basicsize__).value


def connect(case: dict) -> socket.socket:
    stream = socket.create_connection(("127.0.0.1", PORT), timeout=SECONDS)
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    stream.sendall(case["id"].encode() + b"\n")
    return stream


def url(case: dict) -> str:
    host = case["host"]
    return f"https://[{host}]/" if ":" in host else f"https://{host}/"


def is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


# --- OpenSSL, as `openssl s_client -verify_return_error -verify_hostname` does


def openssl(case: dict, store: str) -> tuple[str, str]:
    CRYPTO.ERR_clear_error()
    context = SSL.SSL_CTX_new(SSL.TLS_client_method())
    try:
        SSL.SSL_CTX_set_verify(context, 1, None)
        set_time(context, case["at"])
        if SSL.SSL_CTX_load_verify_file(context, store.encode()) != 1:
            return BROKEN_STORE, openssl_error()
        return openssl_handshake(context, case)
    finally:
        SSL.SSL_CTX_free(context)


def openssl_handshake(context: int, case: dict) -> tuple[str, str]:
    connection = SSL.SSL_new(context)
    with connect(case) as stream:
        stream.setblocking(True)
        parameters, host = SSL.SSL_get0_param(connection), case["host"].encode()
        if is_address(case["host"]):
            CRYPTO.X509_VERIFY_PARAM_set1_ip_asc(parameters, host)
        else:
            CRYPTO.X509_VERIFY_PARAM_set1_host(parameters, host, len(host))
        SSL.SSL_set_fd(connection, stream.fileno())
        done = SSL.SSL_connect(connection)
        code = SSL.SSL_get_verify_result(connection)
        words = openssl_error() if done != 1 else ""
        SSL.SSL_free(connection)
    if done == 1:
        return TRUSTED, ""
    if code != 0:
        return REFUSED, CRYPTO.X509_verify_cert_error_string(code).decode()
    return FAILED, words


def openssl_error() -> str:
    words = []
    while code := CRYPTO.ERR_get_error():
        words.append((CRYPTO.ERR_reason_error_string(code) or b"?").decode())
    return ", ".join(words) or "closed"


# --- Python's own ssl module


def python(case: dict, store: str) -> tuple[str, str]:
    try:
        context = ssl.create_default_context(cafile=store)
    except ssl.SSLError as error:
        return BROKEN_STORE, str(error)
    set_time(inside(context), case["at"])
    try:
        # As http.client does.
        with context.wrap_socket(connect(case), server_hostname=case["host"]):
            return TRUSTED, ""
    except ssl.SSLCertVerificationError as error:
        return REFUSED, error.verify_message or str(error)
    except (OSError, ValueError) as error:
        return FAILED, f"{type(error).__name__}: {error}"


# --- requests


def requests_get(case: dict, store: str) -> tuple[str, str]:
    def context(*arguments, **named):
        made = MAKE_CONTEXT(*arguments, **named)
        set_time(inside(made), case["at"])
        return made

    urllib3.connection.create_urllib3_context = context
    urllib3.util.connection.create_connection = lambda *_, **__: connect(case)
    session = requests.Session()
    # No proxy and no .netrc of the machine.
    session.trust_env = False
    try:
        with session:
            session.get(url(case), verify=store, timeout=SECONDS)
            return TRUSTED, ""
    except requests.RequestException as error:
        return requests_refusal(error)
    except OSError as error:
        return BROKEN_STORE, str(error)
    except Exception as error:
        return FAILED, f"{type(error).__name__}: {error}"


MAKE_CONTEXT = urllib3.connection.create_urllib3_context


def requests_refusal(error: BaseException) -> tuple[str, str]:
    cause = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return REFUSED, cause.verify_message or str(cause)
        if isinstance(cause, ssl.SSLError):
            is_store = cause.reason in ("NO_CERTIFICATE_OR_CRL_FOUND", None)
            return BROKEN_STORE if is_store or "X509" in str(cause) else FAILED, str(cause)
        cause = getattr(cause, "reason", None) or cause.__cause__ or cause.__context__ or (
            cause.args[0] if cause.args and isinstance(cause.args[0], BaseException) else None
        )
    return FAILED, f"{type(error).__name__}: {error}"


# --- curl: what the command asks of libcurl


class Address(ctypes.Structure):
    _fields_ = [("family", I), ("socktype", I), ("protocol", I)]


OPEN_SOCKET = ctypes.CFUNCTYPE(I, P, I, ctypes.POINTER(Address))
SOCKET_OPTIONS = ctypes.CFUNCTYPE(I, P, I, I)
CONTEXT = ctypes.CFUNCTYPE(I, P, P, P)
WRITE = ctypes.CFUNCTYPE(ctypes.c_size_t, P, ctypes.c_size_t, ctypes.c_size_t, P)
CURL_REFUSES = {51, 60}
CURL_BROKEN_STORE = {77}


def curl(case: dict, store: str) -> tuple[str, str]:
    ready = OPEN_SOCKET(lambda *_: connect(case).detach())
    is_connected = SOCKET_OPTIONS(lambda *_: 2)
    at = CONTEXT(lambda _, context, __: set_time(context, case["at"]) or 0)
    write = WRITE(lambda _, size, count, __: size * count)
    words = ctypes.create_string_buffer(256)
    handle = CURL.curl_easy_init()
    to_loopback = CURL.curl_slist_append(None, b"::127.0.0.1:1")
    for option, value in [
        (10002, S(url(case).encode())),  # URL
        (10065, S(store.encode())),  # CAINFO
        (10097, P(None)),  # CAPATH
        (10243, P(to_loopback)),  # CONNECT_TO
        (20163, ready),  # OPENSOCKETFUNCTION
        (20148, is_connected),  # SOCKOPTFUNCTION
        (20108, at),  # SSL_CTX_FUNCTION
        (20011, write),  # WRITEFUNCTION
        (10010, words),  # ERRORBUFFER
        (10004, S(b"")),  # PROXY
        (13, ctypes.c_long(SECONDS)),  # TIMEOUT
        (99, ctypes.c_long(1)),  # NOSIGNAL
    ]:
        status = CURL.curl_easy_setopt(P(handle), I(option), value)
        assert status == 0, (option, status)
    code = CURL.curl_easy_perform(handle)
    CURL.curl_easy_cleanup(handle)
    CURL.curl_slist_free_all(to_loopback)
    if code == 0:
        return TRUSTED, ""
    said = f"({code}) {words.value.decode(errors='replace')}"
    if code in CURL_REFUSES:
        return REFUSED, said
    return BROKEN_STORE if code in CURL_BROKEN_STORE else FAILED, said


CLIENTS = {"openssl": openssl, "curl": curl, "python": python, "requests": requests_get}


def versions() -> dict[str, str]:
    python = ".".join(map(str, sys.version_info[:3]))
    return {
        "openssl": CRYPTO.OpenSSL_version(0).decode().split()[1],
        "curl": CURL.curl_version().decode().split()[0].removeprefix("libcurl/"),
        "python": python,
        "requests": f"{requests.__version__}, urllib3 {urllib3.__version__}, Python {python}",
    }


def main() -> None:
    global PORT
    PORT = json.loads(sys.stdin.readline())["port"]
    print(json.dumps({"versions": versions()}), flush=True)
    for line in sys.stdin:
        case = json.loads(line)
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as store:
            store.write("".join(case["anchors"]))
            store.flush()
            for client, ask in CLIENTS.items():
                outcome, words = ask(case, store.name)
                answer = {"id": case["id"], "client": client, "outcome": outcome, "words": words}
                print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
