"""The catalog of what goes wrong between a client and a server, a file for each family. Each case
is a real server or a real environment, with the cause that doctor has to find.
"""

import importlib
import pkgutil

from support.failures.case import CASES, Case
from support.failures.scene import Asking, Scene

__all__ = ["CASES", "Asking", "Case", "Scene"]

# Importing a family registers its cases; none can be forgotten in a list.
for family in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{family.name}")
