"""What a rendered pod has."""

from __future__ import annotations


def env(template: dict) -> dict[str, str]:
    (main,) = template["spec"]["containers"]
    return {variable["name"]: variable.get("value") for variable in main.get("env", [])}


def mounts(container: dict) -> dict[str, dict]:
    return {mount["mountPath"]: mount for mount in container.get("volumeMounts", [])}


def init(template: dict) -> list[dict]:
    return template["spec"].get("initContainers", [])
