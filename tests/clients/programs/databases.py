"""Databases, warehouses, search and queues.

A client that reads no variable gets its line of configuration in the file that $LINE_OF_CONFIGURATION names.
"""

import os


def psycopg(url: str) -> None:
    import psycopg

    psycopg.connect(_verify_full(url))


def psycopg_system(url: str) -> None:
    """With OpenSSL's own places, which $SSL_CERT_FILE is one of; libpq 16 and later."""
    import psycopg

    psycopg.connect(_verify_full(url) + "&sslrootcert=system")


def psycopg2(url: str) -> None:
    import psycopg2

    psycopg2.connect(_verify_full(url))


def asyncpg(url: str) -> None:
    import asyncio

    import asyncpg

    asyncio.run(asyncpg.connect(_verify_full(url), timeout=20))


def pymysql(url: str) -> None:
    import pymysql

    host, port = _address(url)
    pymysql.connect(host=host, port=port, user="user", ssl_verify_cert=True, **_given())


def mysql_connector(url: str) -> None:
    import mysql.connector

    host, port = _address(url)
    mysql.connector.connect(host=host, port=port, user="user", ssl_verify_cert=True, **_given())


def pymongo(url: str) -> None:
    import pymongo

    client = pymongo.MongoClient(f"mongodb://{_peer(url)}/?tls=true&serverSelectionTimeoutMS=500{_option()}")
    client.admin.command("ping")


def redis(url: str) -> None:
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    once = Retry(NoBackoff(), 0)
    redis.from_url(f"rediss://{_peer(url)}/?db=0{_option()}", retry=once, socket_timeout=5).ping()


def clickhouse_driver(url: str) -> None:
    from clickhouse_driver import Client

    Client.from_url(f"clickhouses://{_peer(url)}/?verify=1{_option()}").execute("SELECT 1")


def clickhouse_connect(url: str) -> None:
    import clickhouse_connect

    host, port = _address(url)
    clickhouse_connect.get_client(host=host, port=port, secure=True, **_given())


def trino(url: str) -> None:
    import trino

    host, port = _address(url)
    connection = trino.dbapi.connect(host=host, port=port, user="user", http_scheme="https", max_attempts=1)
    connection.cursor().execute("SELECT 1")


def databricks_sdk(url: str) -> None:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.core import Config

    settings = Config(host=url, token="none", retry_timeout_seconds=1)
    WorkspaceClient(config=settings).current_user.me()


def spark_connect(url: str) -> None:
    from pyspark.sql.connect.client import SparkConnectClient

    client = SparkConnectClient(f"sc://{_peer(url)}/;use_ssl=true")
    client.set_retry_policies([])
    client.get_configs("spark.app.name")


def elasticsearch(url: str) -> None:
    from elasticsearch import Elasticsearch

    Elasticsearch(url, max_retries=0, request_timeout=5).info()


def opensearch(url: str) -> None:
    from opensearchpy import OpenSearch

    OpenSearch(url, max_retries=0, timeout=5).info()


def confluent_kafka(url: str) -> None:
    from confluent_kafka.admin import AdminClient

    properties = {"bootstrap.servers": _peer(url), "security.protocol": "SSL"}
    # A server that does not speak its protocol is an error too, and another one.
    properties["api.version.request.timeout.ms"] = 1000
    if line := _line():
        properties |= [line.split("=", 1)]
    said = []
    client = AdminClient({**properties, "error_cb": said.append})
    while not said:
        client.poll(0.1)
    raise RuntimeError(said)


def schema_registry(url: str) -> None:
    from confluent_kafka.schema_registry import SchemaRegistryClient

    SchemaRegistryClient({"url": url, "max.retries": 0, **_given()}).get_subjects()


def kafka_python(url: str) -> None:
    import logging

    import kafka

    # It retries, and says only in its log why.
    logging.basicConfig()
    kafka.KafkaConsumer(
        bootstrap_servers=_peer(url), security_protocol="SSL", bootstrap_timeout_ms=1000
    )


def aiokafka(url: str) -> None:
    import asyncio
    import ssl

    from aiokafka import AIOKafkaProducer

    async def start() -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=_peer(url), security_protocol="SSL",
            ssl_context=ssl.create_default_context(), request_timeout_ms=1000,
        )  # fmt: skip
        try:
            await producer.start()
        finally:
            await producer.stop()

    asyncio.run(start())


def pulsar(url: str) -> None:
    import pulsar

    client = pulsar.Client(f"pulsar+ssl://{_peer(url)}", operation_timeout_seconds=3, **_given())
    client.create_producer("topic")


def _option() -> str:
    """The same, as one more parameter of a URL."""
    line = _line()
    return f"&{line}" if line else ""


def _line() -> str:
    """The client's line of configuration, if the test gave one."""
    given = os.environ.get("LINE_OF_CONFIGURATION")
    if not given:
        return ""
    with open(given) as file:
        return file.read().strip()


def _given() -> dict:
    """The same, as arguments of a call."""
    return eval(f"dict({_line()})")


def _verify_full(url: str) -> str:
    return f"postgresql://user:none@{_peer(url)}/base?sslmode=verify-full{_option()}"


def _peer(url: str) -> str:
    return url.removeprefix("https://").rstrip("/")


def _address(url: str) -> tuple[str, int]:
    host, port = _peer(url).split(":")
    return host, int(port)
