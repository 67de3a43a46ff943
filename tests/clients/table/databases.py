"""Python: databases, warehouses, search and queues."""

from table.client import OS_BUNDLE, Line, python
from table.python import GRPC, OPENSSL, REQUESTS

GIVEN = {"LINE_OF_CONFIGURATION": "{file}"}
LIBPQ = Line(f"sslrootcert={OS_BUNDLE}", "the connection string", GIVEN)

CLIENTS = (
    # Without a root certificate these do not connect at all: they have no roots of their own.
    *(
        python(name, f"databases.{name}", line=LIBPQ, own_roots=True, starttls="postgres", succeeds=False)
        for name in ("psycopg", "psycopg2", "asyncpg")
    ),
    python(
        "psycopg with sslrootcert=system",
        "databases.psycopg_system",
        *OPENSSL,
        own_roots=True,
        starttls="postgres",
        succeeds=False,
    ),
    python("PyMySQL", "databases.pymysql", *OPENSSL, starttls="mysql", succeeds=False),
    python(
        "mysql-connector-python",
        "databases.mysql_connector",
        *OPENSSL,
        starttls="mysql",
        succeeds=False,
    ),
    python("pymongo", "databases.pymongo", *OPENSSL, succeeds=False),
    python("redis", "databases.redis", *OPENSSL, succeeds=False),
    python("elasticsearch", "databases.elasticsearch", *OPENSSL, succeeds=False),
    python("opensearch-py", "databases.opensearch", *OPENSSL, succeeds=False),
    python("Spark Connect", "databases.spark_connect", *GRPC, own_roots=True, succeeds=False),
    python("trino", "databases.trino", *REQUESTS, succeeds=False),
    python("databricks-sdk", "databases.databricks_sdk", *REQUESTS, succeeds=False),
    python("clickhouse-connect", "databases.clickhouse_connect", *OPENSSL, succeeds=False),
    python(
        "clickhouse-driver",
        "databases.clickhouse_driver",
        line=Line(f"ca_certs={OS_BUNDLE}", "the URL, or an argument of `Client`", GIVEN),
        succeeds=False,
    ),
    python("kafka-python", "databases.kafka_python", *OPENSSL, succeeds=False),
    python("aiokafka", "databases.aiokafka", *OPENSSL, succeeds=False),
    python(
        "confluent-kafka",
        "databases.confluent_kafka",
        line=Line(f"ssl.ca.location={OS_BUNDLE}", "the client's properties", GIVEN),
        succeeds=False,
    ),
    python("Confluent Schema Registry", "databases.schema_registry", *OPENSSL, succeeds=False),
    python(
        "pulsar-client",
        "databases.pulsar",
        line=Line(
            f'tls_trust_certs_file_path="{OS_BUNDLE}"', "an argument of `pulsar.Client`", GIVEN
        ),
        succeeds=False,
    ),
)
