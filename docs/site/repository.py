"""The repository as GitHub shows it: its anchors, its links between files, its drawings; and the sidebar."""

import re
import shutil
from html import escape
from pathlib import Path, PurePosixPath
from posixpath import normpath
from urllib.parse import unquote

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
EXTERNAL = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
DRAWING = '<pre class="mermaid">'


def setup(app: Sphinx) -> dict:
    app.add_config_value("navigation", [], "env")
    app.add_config_value("repository_url", "", "env")
    app.add_config_value("mermaid", "", "")
    # Before Sphinx collects titles, sections and the tree of pages.
    app.connect("doctree-read", prepare, priority=100)
    app.connect("html-page-context", page_context)
    app.connect("build-finished", copy_mermaid)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def prepare(app: Sphinx, doctree: nodes.document) -> None:
    name_sections(doctree)
    for reference in doctree.findall(nodes.reference):
        lead(app, reference)
    draw(doctree)
    if app.env.docname == app.config.root_doc:
        doctree.extend(sidebar(app))


def slug(title: str) -> str:
    """The anchor that GitHub gives to a heading: lower case, hyphens for spaces, no punctuation."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


def name_sections(doctree: nodes.document) -> None:
    """Gives each section GitHub's anchor instead of Sphinx's, which knows neither accents nor underscores."""
    seen: dict[str, int] = {}
    for section in doctree.findall(nodes.section):
        anchor = slug(section[0].astext())
        count = seen[anchor] = seen.get(anchor, -1) + 1
        section["ids"] = [f"{anchor}-{count}" if count else anchor]


def lead(app: Sphinx, reference: nodes.reference) -> None:
    """A link to a page leads to that page of the site, one to another file or to a folder to the repository."""
    uri = reference.get("refuri", "")
    if not uri or EXTERNAL.match(uri):
        return
    path, hash_sign, anchor = uri.partition("#")
    if not path:
        reference["refuri"] = hash_sign + unquote(anchor)
        return
    here = PurePosixPath(app.env.docname).parent
    target = normpath(here / unquote(path))
    file = Path(app.srcdir, target)
    page = app.env.path2doc(file) if file.is_file() else None
    if page in app.env.found_docs:
        reference["refuri"] = path.removesuffix(".md") + ".html" + hash_sign + unquote(anchor)
        reference["internal"] = True
    elif file.exists():
        kind = "tree" if file.is_dir() else "blob"
        reference["refuri"] = f"{app.config.repository_url}/{kind}/main/{target}{hash_sign}{anchor}"
    else:
        LOGGER.warning("%s leads to no file of the repository", uri, location=reference)


def draw(doctree: nodes.document) -> None:
    """Leaves the text of a drawing as it is, for the script that draws it."""
    for block in list(doctree.findall(nodes.literal_block)):
        if block.get("language") == "mermaid":
            block.replace_self(nodes.raw("", f"{DRAWING}{escape(block.astext())}</pre>", format="html"))


def sidebar(app: Sphinx) -> list[nodes.Node]:
    """A hidden table of contents for each group of navigation.toml."""
    found = []
    for group in app.config.navigation:
        entries = [(label, page.removesuffix(".md")) for label, page in group["pages"]]
        for _, page in entries:
            if page not in app.env.found_docs:
                LOGGER.warning("navigation.toml names %s, which is not there", page)
        tree = addnodes.toctree(
            "",
            parent=app.env.docname,
            entries=entries,
            includefiles=[page for _, page in entries],
            caption=group["title"],
            rawcaption=group["title"],
            maxdepth=1,
            glob=False,
            hidden=True,
            includehidden=False,
            numbered=0,
            titlesonly=True,
        )
        tree.source = app.env.doc2path(app.env.docname)
        found.append(nodes.compound("", tree, classes=["toctree-wrapper"]))
    return found


def page_context(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    if page.endswith(".fr"):
        context["language"] = "fr"
    if doctree and any(raw.astext().startswith(DRAWING) for raw in doctree.findall(nodes.raw)):
        app.add_js_file("mermaid.min.js")
        app.add_js_file("drawings.js")


def copy_mermaid(app: Sphinx, failure: Exception | None) -> None:
    if failure is None and app.builder.name == "html":
        shutil.copy(app.config.mermaid, app.outdir / "_static" / "mermaid.min.js")
