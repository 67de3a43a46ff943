"""The sites that clients call, and the stores that make them trusted."""

from support.sites import customer, public, the_binary_is_there  # noqa: F401
from support.unprivileged import open_directory  # noqa: F401
