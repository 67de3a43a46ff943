# Connects with requests, and says whether it trusts the server. Arguments: seconds and URL.
import sys

# With -c, Python looks for modules in the working directory first; a job's script does not.
if sys.path and sys.path[0] == "":
    del sys.path[0]


def say(word, words=""):
    print("trust-init: " + word + " " + " ".join(str(words).split()), flush=True)


# Ends a request before anything but the handshake is sent. No handler catches it.
class Connected(BaseException):
    pass


def stop_after_handshake(connection):
    connect = connection.connect

    def connect_and_stop(self):
        connect(self)
        raise Connected(getattr(self, "is_verified", None))

    connection.connect = connect_and_stop


def is_about_trust(error):
    import ssl

    seen = []
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or one in seen:
            continue
        seen.append(one)
        if isinstance(one, ssl.CertificateError) or type(one).__name__ == "CertificateError":
            return True
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None)]
        waiting += one.args
    # pyOpenSSL's words; then those of requests and urllib3 if the bundle cannot be used at all.
    words = ("certificate verify failed", "TLS CA certificate bundle")
    return any(word in str(error) for word in words) or "load_verify_locations" in trace(error)


def trace(error):
    import traceback

    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def main(seconds, url):
    python = "Python " + sys.version.split()[0]
    try:
        import requests
    except ImportError:
        return say("absent", python + " has no module named requests")
    from requests.packages import urllib3

    say("version", "requests %s, urllib3 %s, %s" % (requests.__version__, urllib3.__version__, python))
    stop_after_handshake(urllib3.connectionpool.HTTPSConnectionPool.ConnectionCls)
    try:
        # If another adapter answers all the same: the function as auth keeps what ~/.netrc has for this
        # host from being sent.
        requests.head(url, timeout=float(seconds), allow_redirects=False, auth=lambda request: request)
        say("trusts")
    except Connected as connected:
        if connected.args[0] is False:
            say("fails", "requests is set not to verify")
        else:
            say("trusts")
    except Exception as error:
        say("refuses" if is_about_trust(error) else "fails", "%s: %s" % (type(error).__name__, error))


main(*sys.argv[1:])
