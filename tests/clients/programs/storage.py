"""Object stores, file systems, and the formats of tables that read from them."""

S3_KEYS = {"aws_access_key_id": "id", "aws_secret_access_key": "none"}


def boto3(url: str) -> None:
    import boto3
    from botocore.config import Config

    once = Config(retries={"max_attempts": 0})
    client = boto3.client("s3", endpoint_url=url, region_name="here", config=once, **S3_KEYS)
    client.head_bucket(Bucket="bucket")


def s3fs(url: str) -> None:
    import s3fs

    s3fs.S3FileSystem.retries = 1
    storage = s3fs.S3FileSystem(
        key="id", secret="none", endpoint_url=url, client_kwargs={"region_name": "here"},
        config_kwargs={"retries": {"max_attempts": 0}},
    )  # fmt: skip
    storage.ls("bucket")


def fsspec(url: str) -> None:
    import fsspec

    with fsspec.open(url) as file:
        file.read()


def pandas(url: str) -> None:
    import pandas

    pandas.read_csv(url)


def google_auth(url: str) -> None:
    import google.auth.transport.requests

    google.auth.transport.requests.Request()(url)


def google_cloud_storage(url: str) -> None:
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import storage

    client = storage.Client(
        "project", credentials=AnonymousCredentials(), client_options={"api_endpoint": url.rstrip("/")}
    )
    client.get_bucket("bucket", retry=None, timeout=20)


def azure_core(url: str) -> None:
    from azure.core.pipeline.transport import HttpRequest, RequestsTransport

    with RequestsTransport() as transport:
        transport.send(HttpRequest("GET", url))


def azure_identity(url: str) -> None:
    from azure.identity import ClientSecretCredential

    credential = ClientSecretCredential(
        "tenant", "client", "none", authority=url, disable_instance_discovery=True, retry_total=0
    )
    credential.get_token("https://storage.example.com/.default")


def azure_storage_blob(url: str) -> None:
    from azure.storage.blob import BlobServiceClient

    client = BlobServiceClient(f"{url}account", credential=_AZURE_KEY, retry_total=0)
    next(iter(client.list_containers()))


def azure_storage_blob_aio(url: str) -> None:
    """What adlfs is built on."""
    import asyncio

    from azure.storage.blob.aio import BlobServiceClient

    async def list_containers() -> None:
        client = BlobServiceClient(f"{url}account", credential=_AZURE_KEY, retry_total=0)
        async with client:
            await anext(aiter(client.list_containers()))

    asyncio.run(list_containers())


def pyarrow(url: str) -> None:
    from pyarrow import fs

    s3 = fs.S3FileSystem(
        endpoint_override=_peer(url), access_key="id", secret_key="none", region="here",
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=1),
    )  # fmt: skip
    s3.get_file_info("bucket")


def deltalake(url: str) -> None:
    import deltalake

    deltalake.DeltaTable("s3://bucket/table", storage_options=_object_store(url))


def polars(url: str) -> None:
    import polars

    options = _object_store(url) | {"max_retries": 0}
    polars.scan_parquet("s3://bucket/table.parquet", storage_options=options).collect()


def daft(url: str) -> None:
    import daft
    from daft.io import HTTPConfig, IOConfig

    daft.read_csv(f"{url}table.csv", io_config=IOConfig(http=HTTPConfig(num_tries=1))).collect()


def daft_s3(url: str) -> None:
    import daft
    from daft.io import IOConfig, S3Config

    s3 = S3Config(endpoint_url=url, key_id="id", access_key="none", region_name="here", num_tries=1)
    daft.read_csv("s3://bucket/table.csv", io_config=IOConfig(s3=s3)).collect()


def pyiceberg(url: str) -> None:
    from pyiceberg.catalog import load_catalog

    load_catalog("catalog", type="rest", uri=url).list_namespaces()


def _object_store(url: str) -> dict[str, str]:
    return {
        "aws_endpoint_url": url, "aws_access_key_id": "id", "aws_secret_access_key": "none",
        "aws_region": "here", "max_retries": "0",
    }  # fmt: skip


def _peer(url: str) -> str:
    return url.removeprefix("https://").rstrip("/")


# A client of Azure's storage decodes it before the first call.
_AZURE_KEY = "bm9uZQ=="
