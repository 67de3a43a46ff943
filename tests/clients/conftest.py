"""Where the clients are, and the image that they run in."""

import subprocess

import image
import pytest
from support import environment
from support.sites import customer, public, the_binary_is_there  # noqa: F401


@pytest.fixture(scope="session")
def the_image(public, tmp_path_factory) -> image.Image:
    """An image that knows the CA of the public site. The set-up installs what is missing."""
    setup = environment.SETUP / "clients.sh"
    done = subprocess.run([setup], stdout=subprocess.PIPE, text=True, check=True)
    clients = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    return image.make(tmp_path_factory.mktemp("image"), public.root, clients)
