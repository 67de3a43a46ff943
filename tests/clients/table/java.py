"""Java: the runtimes, and what is built on them."""

import image
from support import jvm
from table.client import OS_BUNDLE, Client, Line

OPTIONS = ("JAVA_TOOL_OPTIONS",)
START = 'exec "$JAVA_HOME/bin/java" "$@"'
# What the libraries run on.
NEWEST = max(image.newest_jdks())


def _java(name: str, program: str, *reads: str, java: int = NEWEST, **more) -> Client:
    command = ("sh", "-c", START, "java", *jvm.QUICK_START, *program.split())
    return Client(name, command, reads, java=java, **more)


CLIENTS = (
    *(_java(f"Java {version}", "Fetch", *OPTIONS, java=version) for version in image.newest_jdks()),
    _java("OkHttp", "OkHttp", *OPTIONS),
    _java("Apache HttpClient", "ApacheHttp", *OPTIONS),
    _java("Netty", "Netty", *OPTIONS),
    _java(
        "pgjdbc",
        "Jdbc",
        line=Line(
            f"sslrootcert={OS_BUNDLE}",
            "the URL or the properties of the connection",
            {"LINE_OF_CONFIGURATION": "{file}"},
        ),
        own_roots=True,
        starttls="postgres",
        succeeds=False,
    ),
    _java(
        "pgjdbc with DefaultJavaSSLFactory",
        "Jdbc sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory",
        *OPTIONS,
        starttls="postgres",
        succeeds=False,
    ),
)
