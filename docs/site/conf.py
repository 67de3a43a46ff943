"""Sphinx's configuration. The sources are the repository's Markdown files where they are; see README.md."""

import os
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

# The page that the sidebar's groups hang from. The file index.html in `root` leads to it.
root_doc = "docs/README"
NAVIGATION = tomllib.loads((HERE / "navigation.toml").read_text())["group"]

project = "trust-init"
html_title = "trust-init"
author = "the trust-init authors"
language = "en"
repository_url = "https://github.com/example/trust-init"

extensions = ["myst_parser", "sphinx_copybutton", "repository"]
# Only these are looked for. All of docs/*.md are, so that one missing in navigation.toml is a warning.
include_patterns = ["docs/*.md", *(page for group in NAVIGATION for _, page in group["pages"])]
# Not searched at all: they can be large.
exclude_patterns = ["target", "**/target", "dist", ".git", "**/node_modules"]
navigation = NAVIGATION

# As GitHub reads them: no directives, roles or comments of MyST's own.
myst_gfm_only = True
myst_heading_anchors = 6
# Text such as `proxy.corp` or `example.com:443` in prose is no link.
myst_linkify_fuzzy_links = False
suppress_warnings = [
    # A page may start its sections at any level, as on GitHub.
    "myst.header",
    # A fence may name a language that Pygments does not know, such as `layers`.
    "misc.highlighting_failure",
]
highlight_language = "text"
# Quotes and hyphens stay what they are: `--flag` is no dash.
smartquotes = False

html_theme = "furo"
html_static_path = ["static"]
html_extra_path = ["root"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_permalinks_icon = "#"
html_theme_options = {
    "source_repository": repository_url,
    "source_branch": "main",
    "source_directory": "",
    "top_of_page_buttons": ["view"],
}
pygments_style = "default"
pygments_dark_style = "github-dark"

# The button copies the commands of a console block, not their output.
copybutton_prompt_text = "$ "
copybutton_line_continuation_character = "\\"
copybutton_exclude = ".linenos, .gp, .go"

# mermaid.min.js, which draws in the reader's browser; docs/site/build sets it.
mermaid = os.environ["SITE_MERMAID"]
