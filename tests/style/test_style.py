"""The check of words: what it finds, where, and what is exempt."""

import pytest
import words

REFUSED = words.patterns((words.REPOSITORY / words.STYLE).read_text())


def found(content: str) -> list[tuple[int, str]]:
    return [(one.line, one.words) for one in words.findings("page.md", content, REFUSED)]


@pytest.mark.parametrize(
    "text",
    [
        "The file stands there.",
        "Where keys stand:",
        "hold the key compromised",
        "it would else be trusted",
        "Nothing is said.",
        "What is left out is told.",
        "The JVM minds.",
        "whoever's CA it is",
    ],
)
def test_a_refused_word_is_found(text):
    assert len(found(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "`*` stands for one label",
        "keep in mind",
        "a reminder that it is outstanding",
        "standalone",
        "a stand-in",
        "a root that stands in for a public one",
        "the word `stands` in backticks",
        "test_that_it_stands_there",
    ],
)
def test_other_words_are_not(text):
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "One line.\nWhat this would\nelse say.",
        "# One line.\n# What this would\n#   else say.",
        "/// One line.\n/// What this would\n/// else say.",
        '"One line. \\\n What this would \\\n else say."',
    ],
)
def test_line_breaks_in_prose_comments_and_strings_do_not_hide_words(text):
    assert found(text) == [(2, "would else")]


def test_words_of_two_paragraphs_are_apart():
    assert found("What this would\n\nelse say.") == []


def test_each_finding_has_its_line_and_words():
    assert found("stands\n\nHere it stands, and nothing is said.") == [
        (1, "stands"),
        (3, "stands"),
        (3, "is said"),
    ]


def test_an_exception_names_path_and_text_and_has_a_reason():
    [entry] = words.allowed("# words\n\npage.md | it stands | a quotation\n")
    [finding] = words.findings("page.md", "Here it stands.", REFUSED)
    [elsewhere] = words.findings("other.md", "Here it stands.", REFUSED)
    [other] = words.findings("page.md", "It is what stands.", REFUSED)
    assert entry.covers(finding)
    assert not entry.covers(elsewhere)
    assert not entry.covers(other)
    with pytest.raises(SystemExit, match="REASON"):
        words.allowed("page.md | it stands\n")


def test_it_looks_where_people_read():
    paths = {str(path.relative_to(words.REPOSITORY)) for path in words.files()}
    assert {"README.md", "docs/runbook.md", "charts/trust-init/values.yaml", "test"} <= paths
    assert any(path.endswith(".rs") for path in paths)
    assert not any(path.startswith("target/") for path in paths)
