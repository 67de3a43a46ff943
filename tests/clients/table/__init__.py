"""The clients of the matrix, by language, in the order of docs/clients.md."""

from table import databases, java, languages, python, tools
from table.client import Group

GROUPS = (
    Group("Python: HTTP clients and services", python.HTTP),
    Group("Python: object stores and tables", python.STORAGE),
    Group("Python: databases, warehouses and queues", databases.CLIENTS),
    Group("Java", java.CLIENTS),
    Group("JavaScript", languages.JAVASCRIPT),
    Group("Go", languages.GO),
    Group("Rust", languages.RUST),
    Group("Ruby", languages.RUBY),
    Group("PHP", languages.PHP),
    Group("Perl", languages.PERL),
    Group("R", languages.R),
    Group("Command-line tools", tools.CLIENTS),
)
CLIENTS = tuple(client for group in GROUPS for client in group.clients)
