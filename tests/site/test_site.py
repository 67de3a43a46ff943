"""The site of the docs, built as it is published: every link leads somewhere, and nothing comes from elsewhere."""

import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urlsplit

import links
import pytest
from support.environment import REPOSITORY

BUILD = REPOSITORY / "docs" / "site" / "build"
BLOB = "https://github.com/example/trust-init/"
# Tags whose address a browser follows only if the reader asks for it.
FOLLOWED = {"a"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site") / "out"
    done = subprocess.run([BUILD, out], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return out


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, links.Page]:
    return links.read(site)


def tracked(pattern: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", pattern], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return listed.stdout.split()


def test_every_link_within_the_site_leads_to_a_file_and_an_anchor(site: Path, pages: dict[str, links.Page]):
    # So many that a reader which finds no links would be noticed.
    assert sum(len(page.links) for page in pages.values()) > 3000
    assert links.broken(site, pages) == []


def test_the_check_of_links_finds_a_missing_page_and_a_missing_anchor(tmp_path: Path):
    (tmp_path / "a.html").write_text('<p id="here"><a href="#here"></a><a href="#gone"></a><a href="b.html"></a>')
    assert links.broken(tmp_path, links.read(tmp_path)) == [
        "a.html: #gone: no such anchor",
        "a.html: b.html: no such file",
    ]


def test_a_link_to_the_repository_names_a_file_or_folder_of_it(pages: dict[str, links.Page]):
    found = {link for page in pages.values() for _, link in page.links if re.match(BLOB + "(blob|tree)/", link)}
    assert len(found) > 20
    for link in found:
        kind, branch, path = urlsplit(link).path.removeprefix("/example/trust-init/").split("/", 2)
        file = REPOSITORY / unquote(path)
        assert branch == "main" and (file.is_dir() if kind == "tree" else file.is_file()), link


def test_an_external_link_has_a_scheme_and_a_host(pages: dict[str, links.Page]):
    for name, page in pages.items():
        for _, link in page.links:
            if links.is_external(link):
                parts = urlsplit(link)
                assert parts.scheme == "https" and re.fullmatch(r"[a-z0-9.-]+\.[a-z]+", parts.netloc), f"{name}: {link}"


def test_a_page_loads_nothing_from_another_host(site: Path, pages: dict[str, links.Page]):
    for name, page in pages.items():
        assert [link for tag, link in page.links if tag not in FOLLOWED and links.is_external(link)] == [], name
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//", sheet.read_text()), sheet


def test_an_anchor_is_on_its_page_once(pages: dict[str, links.Page]):
    for name, page in pages.items():
        assert [anchor for anchor, count in Counter(page.anchors).items() if count > 1] == [], name


def test_every_page_of_the_repository_is_in_the_site(pages: dict[str, links.Page]):
    sources = tracked("*.md")
    missing = {source for source in sources if source.removesuffix(".md") + ".html" not in pages}
    # Data that docs/performance.md links to, and a form of GitHub.
    assert all(re.match(r"benches/results/|\.github/", source) for source in missing), sorted(missing)


def test_both_front_pages_lead_the_same_way(pages: dict[str, links.Page]):
    english, french = (ways(name) for name in ("docs/README.md", "docs/README.fr.md"))
    assert len(english) == 5
    for here, there in zip(english, french, strict=True):
        assert 3 <= len(here) <= 6
        assert here == [[link.replace(".fr.md", ".md") for link in step] for step in there]


def ways(page: str) -> list[list[list[str]]]:
    """The links of each numbered step, for each reader."""
    text = (REPOSITORY / page).read_text().partition("\n## By question")[0]
    sections = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    return [
        [re.findall(r"\]\(([^)]+)\)", step) for step in re.split(r"^\d\. ", section, flags=re.MULTILINE)[1:]]
        for section in sections
    ]


def test_pages_tell_their_language(pages: dict[str, links.Page]):
    assert pages["docs/customer-guide.html"].language == "en"
    assert pages["docs/customer-guide.fr.html"].language == "fr"


def test_the_search_knows_words_of_both_languages(site: Path):
    text = (site / "searchindex.js").read_text()
    index = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
    for word, page in (("truststor", "docs/customer-guide"), ("émis", "docs/customer-guide.fr")):
        found = index["terms"][word]
        assert page in [index["docnames"][one] for one in (found if isinstance(found, list) else [found])]


def test_the_drawing_comes_with_the_program_that_draws_it(site: Path):
    page = (site / "docs" / "injection.html").read_text()
    assert '<pre class="mermaid">flowchart LR' in page
    assert re.search(r'<script src="\.\./_static/mermaid\.min\.js', page)
    assert (site / "_static" / "mermaid.min.js").stat().st_size > 1_000_000
    # It is large, and no other page needs it.
    assert "mermaid.min.js" not in (site / "docs" / "rules.html").read_text()


def test_a_fault_of_a_page_fails_the_build(tmp_path: Path):
    """In a repository of one page, because Sphinx names all faults before it gives up."""
    shutil.copytree(BUILD.parent, tmp_path / "docs" / "site")
    shutil.copytree(REPOSITORY / "tests" / "setup", tmp_path / "tests" / "setup")
    navigation = '[[group]]\ntitle = "Pages"\npages = [["Front", "docs/README.md"], ["Gone", "docs/gone.md"]]\n'
    (tmp_path / "docs" / "site" / "navigation.toml").write_text(navigation)
    (tmp_path / "docs" / "README.md").write_text(
        "# Front\n\n[a file](../no-such-file)\n\n![a plot](no-such-plot.svg)\n"
    )
    (tmp_path / "docs" / "orphan.md").write_text("# In no group\n")
    build = tmp_path / "docs" / "site" / "build"
    done = subprocess.run([build, tmp_path / "out"], capture_output=True, text=True)
    assert done.returncode != 0
    for warning in (
        "docs/README.md:3: WARNING: ../no-such-file leads to no file of the repository",
        "docs/README.md:5: WARNING: image file not readable: docs/no-such-plot.svg",
        "docs/orphan.md: WARNING: document isn't included in any toctree",
        "WARNING: navigation.toml names docs/gone, which is not there",
    ):
        assert warning in done.stderr
