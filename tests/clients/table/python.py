"""Python: what speaks HTTP, and what reads tables from object stores."""

from table.client import OS_BUNDLE, Client, Line, python

REQUESTS = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
OPENSSL = ("SSL_CERT_FILE",)
BOTOCORE = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
GRPC = ("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",)

HTTP = (
    python("Python ssl", "http.ssl", *OPENSSL),
    python("requests", "http.requests", *REQUESTS),
    python("urllib3", "http.urllib3", *OPENSSL),
    python("httpx", "http.httpx", *OPENSSL),
    python("aiohttp", "http.aiohttp", *OPENSSL),
    python("niquests", "http.niquests", *REQUESTS),
    python("websockets", "http.websockets", *OPENSSL, succeeds=False),
    python("grpc", "http.grpc", *GRPC, own_roots=True, succeeds=False),
    python("httplib2", "http.httplib2", "HTTPLIB2_CA_CERTS"),
    python("google-api-python-client", "http.google_api", "HTTPLIB2_CA_CERTS", succeeds=False),
    python(
        "pycurl",
        "http.pycurl",
        line=Line(
            f'handle.setopt(pycurl.CAINFO, "{OS_BUNDLE}")',
            "the program, for each handle",
            {"LINE_OF_CONFIGURATION": "{file}"},
        ),
    ),
    python("openai", "http.openai", *OPENSSL, succeeds=False),
    python("huggingface_hub", "http.huggingface_hub", *OPENSSL, succeeds=False),
    python("hvac (Vault)", "http.hvac", *REQUESTS),
    python("kubernetes", "http.kubernetes", *OPENSSL, succeeds=False),
    Client(
        "pip",
        ("python", "-m", "pip", "download", "--no-cache-dir", "--retries=0", "none", "-i"),
        ("PIP_CERT", *REQUESTS, "SSL_CERT_FILE"),
        # A machine's pip.conf may name a bundle.
        env={"PIP_CONFIG_FILE": "/dev/null"},
        succeeds=False,
    ),
    Client(
        "uv",
        tuple("uv pip install --dry-run --no-cache --no-config none --default-index".split()),
        OPENSSL,
        env={"UV_HTTP_RETRIES": "0"},
        own_roots=True,
        succeeds=False,
    ),
)

STORAGE = (
    python("boto3", "storage.boto3", *BOTOCORE),
    python("s3fs", "storage.s3fs", *BOTOCORE, succeeds=False),
    python("google-auth", "storage.google_auth", *REQUESTS),
    python("google-cloud-storage", "storage.google_cloud_storage", *REQUESTS, succeeds=False),
    python("azure-core", "storage.azure_core", *REQUESTS),
    python("azure-identity", "storage.azure_identity", *REQUESTS, succeeds=False),
    python("azure-storage-blob", "storage.azure_storage_blob", *REQUESTS, succeeds=False),
    python(
        "azure-storage-blob aio (adlfs)",
        "storage.azure_storage_blob_aio",
        *OPENSSL,
        succeeds=False,
    ),
    python("fsspec https", "storage.fsspec", *OPENSSL),
    python("pandas https", "storage.pandas", *OPENSSL),
    python("pyarrow S3", "storage.pyarrow", *OPENSSL),
    python("polars S3", "storage.polars", *OPENSSL, succeeds=False),
    python("deltalake S3", "storage.deltalake", *OPENSSL, succeeds=False),
    python("pyiceberg REST", "storage.pyiceberg", *REQUESTS, succeeds=False),
    python("daft S3", "storage.daft_s3", *OPENSSL, succeeds=False),
    python("daft https", "storage.daft", own_roots=True),
)
