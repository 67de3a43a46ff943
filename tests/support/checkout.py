"""This checkout as git sees it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from support import environment
from support.environment import REPOSITORY


def git_environment(**more: str | Path) -> dict[str, str]:
    """One in which git takes the checkout even if it is another user's, as in a workflow's container."""
    git = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": REPOSITORY}
    return environment.clean(**git, **more)


def files() -> list[str]:
    """What a clone of this working tree would have, changes that are not committed too."""
    command = ["git", "-C", REPOSITORY, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, env=git_environment(), check=True, stdout=subprocess.PIPE, text=True).stdout
    return [name for name in listed.split("\0") if name and (REPOSITORY / name).exists()]
