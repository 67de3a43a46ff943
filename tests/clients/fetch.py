"""fetch.py FILE FUNCTION URL: calls the URL as one Python client does; an error is a traceback.

FILE is a module of programs/. It is run from its path: modules beside it would hide those of the same name.
"""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.pop(0)
    file, function, url = sys.argv[1:]
    program = Path(__file__).with_name("programs") / f"{file}.py"
    runpy.run_path(str(program))[function](url)
