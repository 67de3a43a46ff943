"""What a built page links to and what can be linked to in it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from posixpath import normpath
from urllib.parse import unquote, urlsplit

# The attributes through which a browser loads or follows something.
ATTRIBUTES = ("href", "src", "poster", "data", "action")


@dataclass
class Page:
    """A page's links in the order in which they occur, its anchors, and its text."""

    links: list[tuple[str, str]] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)
    language: str = ""


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value is None:
                continue
            if name == "id" or (tag == "a" and name == "name"):
                self.page.anchors.append(value)
            elif name in ATTRIBUTES:
                self.page.links.append((tag, value))
            elif tag == "html" and name == "lang":
                self.page.language = value


def read(site: Path) -> dict[str, Page]:
    """The pages of a site by their path in it."""
    pages = {}
    for path in sorted(site.rglob("*.html")):
        reader = Reader()
        reader.feed(path.read_text())
        pages[path.relative_to(site).as_posix()] = reader.page
    return pages


def is_external(link: str) -> bool:
    parts = urlsplit(link)
    return bool(parts.scheme or parts.netloc)


def broken(site: Path, pages: dict[str, Page]) -> list[str]:
    """The links within the site that lead to no file of it, or to no anchor of that page."""
    found = []
    for name, page in pages.items():
        for _, link in page.links:
            if is_external(link):
                continue
            parts = urlsplit(link)
            target = normpath(Path(name).parent / unquote(parts.path)) if parts.path else name
            if not (site / target).is_file():
                found.append(f"{name}: {link}: no such file")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                found.append(f"{name}: {link}: no such anchor")
    return found
