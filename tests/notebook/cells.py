#!/usr/bin/env python3
"""cells.py KERNEL: runs cells in one kernel, as JupyterLab does, and goes on after one that fails.

Reads a JSON list of their code, and prints a JSON list of [what the cell printed, what it raised or null].
"""

import json
import re
import sys

import nbclient
import nbformat

COLOR = re.compile(r"\x1b\[[0-9;]*m")


def main() -> None:
    cells = [nbformat.v4.new_code_cell(code) for code in json.load(sys.stdin)]
    book = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(book, timeout=300, kernel_name=sys.argv[1], allow_errors=True).execute()
    json.dump([_ended(cell.outputs) for cell in book.cells], sys.stdout)


def _ended(outputs: list) -> tuple[str, str | None]:
    printed = "".join(one.text for one in outputs if one.output_type == "stream")
    raised = ["\n".join(one.traceback) for one in outputs if one.output_type == "error"]
    return COLOR.sub("", printed), COLOR.sub("", raised[0]) if raised else None


main()
