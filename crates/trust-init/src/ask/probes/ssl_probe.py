# Connects to a server with ssl.create_default_context, and says whether Python trusts it.
# Arguments: seconds, host, port, and the steps that start TLS. Proxies are those that urllib uses.
import sys

# With -c, Python looks for modules in the working directory first; a job's script does not.
if sys.path and sys.path[0] == "":
    del sys.path[0]

import base64
import socket
import ssl
import urllib.parse
import urllib.request


def say(word, words=""):
    print("trust-init: " + word + " " + " ".join(str(words).split()), flush=True)


def connect(host, port):
    proxy = urllib.request.getproxies().get("https")
    if not proxy or urllib.request.proxy_bypass(host):
        return socket.create_connection((host, port))
    url = urllib.parse.urlsplit(proxy if "://" in proxy else "http://" + proxy)
    if url.scheme != "http":
        raise OSError("a proxy with the scheme " + url.scheme + " is not supported by urllib")
    sock = socket.create_connection((url.hostname, url.port or 80))
    authority = ("[%s]:%d" if ":" in host else "%s:%d") % (host, port)
    head = "CONNECT %s HTTP/1.1\r\nHost: %s\r\n" % (authority, authority)
    if url.username is not None:
        user = urllib.parse.unquote(url.username) + ":" + urllib.parse.unquote(url.password or "")
        head += "Proxy-Authorization: Basic " + base64.b64encode(user.encode()).decode() + "\r\n"
    sock.sendall((head + "\r\n").encode())
    status = line(sock)
    while line(sock):
        pass
    if not status.split(b" ")[1:2] == [b"200"]:
        raise OSError("the proxy answers: " + status.decode("latin-1"))
    return sock


def exactly(sock, count):
    data = b""
    while len(data) < count:
        more = sock.recv(count - len(data))
        if not more:
            raise OSError("the connection was closed before TLS")
        data += more
    return data


def line(sock):
    data = b""
    while not data.endswith(b"\n") and len(data) < 2000:
        data += exactly(sock, 1)
    return data.strip()


# One step of those that start TLS: what to send, or what the server has to say.
def take(step, sock):
    kind, _, argument = step.partition(":")
    if kind == "send":
        sock.sendall(bytes.fromhex(argument))
        return True
    if kind == "exactly":
        return exactly(sock, len(argument) // 2) == bytes.fromhex(argument)
    if kind == "within":
        return bytes.fromhex(argument) in sock.recv(256)
    if kind == "reply":
        code = argument.encode()
        answer = code + b"-"
        while answer.startswith(code + b"-"):
            answer = line(sock)
        return answer.startswith(code)
    # A packet of MySQL: its length in three bytes, a number, and the rest.
    head = exactly(sock, 4)
    exactly(sock, head[0] | head[1] << 8 | head[2] << 16)
    return True


def main(seconds, host, port, *steps):
    say("version", sys.version.split()[0] + ", " + ssl.OPENSSL_VERSION)
    try:
        context = ssl.create_default_context()
    except Exception as error:
        return say("refuses", "%s: %s" % (type(error).__name__, error))
    if context.verify_mode != ssl.CERT_REQUIRED or not context.check_hostname:
        return say("fails", "this Python is set not to verify")
    socket.setdefaulttimeout(float(seconds))
    try:
        sock = connect(host, int(port))
        for step in steps:
            if not take(step, sock):
                raise OSError("the server does not start TLS")
        context.wrap_socket(sock, server_hostname=host).close()
        say("trusts")
    except Exception as error:
        # Before 3.7, only the reason tells.
        is_about_trust = isinstance(error, ssl.CertificateError) or "CERTIFICATE_VERIFY_FAILED" in str(error)
        say("refuses" if is_about_trust else "fails", "%s: %s" % (type(error).__name__, error))


main(*sys.argv[1:])
