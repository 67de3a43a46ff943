"""A Spark application whose driver and executors call TLS servers, each through Python and through
its JVM. Prints one line of JSON that begins with `calls: `.

    spark-submit … spark_job.py SITES

SITES is a directory with chain.pem and key.pem a server: they run here, beside the driver. An
executor's answers say which executor it is, so that one cannot stand for two.
"""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from pyspark.sql import SparkSession

ACCEPTED = "accepted"


def python(url: str) -> str:
    import requests

    try:
        return ACCEPTED if requests.get(url, timeout=20).ok else "refused by the server"
    except requests.RequestException as error:
        return str(error)


def executor() -> str:
    """By the command line of the JVM that this worker was forked for."""
    process = os.getpid()
    while process > 1:
        words = Path(f"/proc/{process}/cmdline").read_text().split("\0")
        if "--executor-id" in words:
            return "executor " + words[words.index("--executor-id") + 1]
        process = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    return "no executor"


def calls(session: SparkSession, urls: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Who called, and what came of each URL."""
    context = session.sparkContext
    fetch = context._jvm.Fetch.get
    yield "driver python", [python(url) for url in urls]
    yield "driver jvm", [fetch(url) for url in urls]
    every = context.parallelize(range(2), 2)
    for where, answers in every.map(
        lambda _: (executor(), [python(url) for url in urls])
    ).collect():
        yield f"{where} python", answers
    columns = [f"reflect('Fetch', 'get', '{url}')" for url in urls]
    for where, *answers in (
        session.range(0, 2, 1, 2).selectExpr("reflect('Fetch', 'executor')", *columns).collect()
    ):
        yield f"executor {where} jvm", answers


def main(sites: str) -> None:
    from support import tls_server

    with contextlib.ExitStack() as running:
        servers = {
            site.name: running.enter_context(tls_server.serve(site / "chain.pem", site / "key.pem"))
            for site in sorted(Path(sites).iterdir())
        }
        session = SparkSession.builder.getOrCreate()
        urls = [f"https://localhost:{server.port}/" for server in servers.values()]
        said = {name: {} for name in servers}
        for caller, answers in calls(session, urls):
            for name, answer in zip(servers, answers, strict=True):
                said[name][caller] = answer
        session.stop()
    print("calls:", json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1])
