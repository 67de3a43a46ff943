"""HTTP clients, and what is built on them."""


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


def niquests(url: str) -> None:
    import niquests

    niquests.get(url, timeout=20)


def httplib2(url: str) -> None:
    import httplib2

    httplib2.Http(timeout=20).request(url)


def google_api(url: str) -> None:
    from googleapiclient.discovery import build

    build("drive", "v3", discoveryServiceUrl=url, developerKey="none", static_discovery=False)


def pycurl(url: str) -> None:
    """With the line of the file in $LINE_OF_CONFIGURATION, if it is set."""
    import os

    import pycurl

    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, url)
    handle.setopt(pycurl.WRITEFUNCTION, lambda _: None)
    if program := os.environ.get("LINE_OF_CONFIGURATION"):
        with open(program) as lines:
            exec(lines.read(), {"handle": handle, "pycurl": pycurl})
    handle.perform()


def websockets(url: str) -> None:
    from websockets.sync.client import connect

    connect(url.replace("https://", "wss://"), open_timeout=20)


def grpc(url: str) -> None:
    import grpc

    channel = grpc.secure_channel(_peer(url), grpc.ssl_channel_credentials())
    channel.unary_unary("/service/Method")(b"", timeout=20)


def openai(url: str) -> None:
    import openai

    client = openai.OpenAI(base_url=url, api_key="none", max_retries=0, timeout=20)
    client.models.list()


def huggingface_hub(url: str) -> None:
    from huggingface_hub import HfApi

    HfApi(endpoint=url.rstrip("/")).model_info("example/model", timeout=20)


def hvac(url: str) -> None:
    import hvac

    hvac.Client(url=url, token="none").sys.read_seal_status()


def kubernetes(url: str) -> None:
    from kubernetes import client

    configuration = client.Configuration(host=url)
    configuration.retries = 0
    with client.ApiClient(configuration) as api:
        client.VersionApi(api).get_code()


def _peer(url: str) -> str:
    return url.removeprefix("https://").rstrip("/")
