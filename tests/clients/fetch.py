"""fetch.py CLIENT URL: calls the URL as one Python client does; an error is a traceback."""

import os
import sys


def ssl(url: str) -> None:
    import urllib.request

    urllib.request.urlopen(url, timeout=20)


def requests(url: str) -> None:
    import requests

    requests.get(url, timeout=20)


def certifi(url: str) -> None:
    """A program that names certifi's file itself."""
    import certifi
    import requests

    requests.get(url, timeout=20, verify=certifi.where())


def urllib3(url: str) -> None:
    import urllib3

    urllib3.PoolManager().request("GET", url, retries=False, timeout=20)


def httpx(url: str) -> None:
    import httpx

    httpx.get(url, timeout=20)


def aiohttp(url: str) -> None:
    import asyncio

    import aiohttp

    async def get() -> None:
        async with aiohttp.ClientSession() as session, session.get(url):
            pass

    asyncio.run(get())


def boto3(url: str) -> None:
    import boto3
    from botocore.config import Config

    once = Config(retries={"max_attempts": 0})
    keys = {"aws_access_key_id": "id", "aws_secret_access_key": "none", "region_name": "here"}
    boto3.client("s3", endpoint_url=url, config=once, **keys).head_bucket(Bucket="bucket")


def google_auth(url: str) -> None:
    import google.auth.transport.requests

    google.auth.transport.requests.Request()(url)


def azure_core(url: str) -> None:
    from azure.core.pipeline.transport import HttpRequest, RequestsTransport

    with RequestsTransport() as transport:
        transport.send(HttpRequest("GET", url))


def grpc(url: str) -> None:
    import grpc

    channel = grpc.secure_channel(_peer(url), grpc.ssl_channel_credentials())
    channel.unary_unary("/service/Method")(b"", timeout=20)


def pyarrow(url: str) -> None:
    from pyarrow import fs

    s3 = fs.S3FileSystem(
        endpoint_override=_peer(url), access_key="id", secret_key="none", region="here",
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=1),
    )  # fmt: skip
    s3.get_file_info("bucket")


def deltalake(url: str) -> None:
    import deltalake

    options = {
        "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_REGION": "here", "max_retries": "0",
    }  # fmt: skip
    deltalake.DeltaTable("s3://bucket/table", storage_options=options)


def confluent_kafka(url: str) -> None:
    """With the lines of $KAFKA_PROPERTIES, if it names a file, as many programs do."""
    from confluent_kafka.admin import AdminClient

    properties = {"bootstrap.servers": _peer(url), "security.protocol": "SSL"}
    # A server that does not speak its protocol is an error too, and another one.
    properties["api.version.request.timeout.ms"] = 1000
    if given := os.environ.get("KAFKA_PROPERTIES"):
        with open(given) as lines:
            properties |= dict(line.strip().split("=", 1) for line in lines)
    said = []
    client = AdminClient({**properties, "error_cb": said.append})
    while not said:
        client.poll(0.1)
    raise RuntimeError(said)


def _peer(url: str) -> str:
    return url.removeprefix("https://").rstrip("/")


if __name__ == "__main__":
    # Not to be imported from: modules here would hide those of the same name.
    sys.path.pop(0)
    globals()[sys.argv[1]](sys.argv[2])
