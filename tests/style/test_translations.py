"""The check of translations: what a French page must share with the English one."""

from pathlib import Path

import pytest
import translations

ENGLISH = """\
# Title

*[En français](page.fr.md)*

See [the cause](#1-the-cause), and [another page](other.md#how).

## 1. The cause

Run it:

```sh
trust-init doctor HOST    # as curl does
```

- `--ask` asks 2,048 clients.

| code | level | means |
| --- | --- | --- |
| `expired` | warn | it has expired, by `notAfter` |

## not-a-ca

A rule.
"""

FRENCH = """\
# Titre

*[In English](page.md)*

Voyez [la cause](#1-la-cause), et [une autre page](other.md#how).

## 1. La cause

Lancez\u00a0:

```sh
trust-init doctor HOST    # comme curl
```

- `--ask` interroge 2\u00a0048 clients.

| code | niveau | signifie |
| --- | --- | --- |
| `expired` | warn | il a expiré, selon `notAfter` |

## not-a-ca

Une règle.
"""


def findings(docs: Path, french: str, english: str = ENGLISH) -> list[str]:
    (docs / "page.md").write_text(english)
    (docs / "page.fr.md").write_text(french)
    if not (docs / "other.md").exists():
        (docs / "other.md").write_text("# How\n")
    return list(translations.findings(docs))


def test_a_translation_with_words_of_its_own_agrees(tmp_path: Path):
    assert findings(tmp_path, FRENCH) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("## 1. La cause", "## 2. La cause", "sections differ"),
        ("## 1. La cause", "### 1. La cause", "sections differ"),
        ("## not-a-ca", "## pas-une-ac", "sections differ"),
        ("\nUne règle.\n", "", "only in English: ['paragraph']"),
        ("Une règle.", "Une règle.\n\n- De plus.", "only in French: ['item']"),
        ("doctor HOST", "doctor HÔTE", "a block differs"),
        ("    # comme curl", "", "a block differs"),
        ("```sh", "```text", "its form differs"),
        ("`--ask`", "`--report`", "only in English: ['--ask']"),
        ("2\u00a0048", "2\u00a0047", "only in English: ['048']"),
        ("selon `notAfter` |", "selon `notAfter` | |", "its form differs"),
        ("| `expired` |", "| `expiré` |", "cells differ"),
        ("| warn |", "| deny |", "cells differ"),
        ("| warn | il a expiré, selon `notAfter` |", "| il a expiré, selon `notAfter` | warn |", "cells differ"),
        ("(#1-la-cause)", "(#1-the-cause)", "links"),
        ("other.md#how", "other.md", "links"),
        ("*[In English](page.md)*", "[In English](page.md)", "the title is not followed by"),
        ("Une règle.", "L'une des règles.", "English typography"),
        ("Lancez\u00a0:", "Lancez :", "English typography"),
        ("Une règle.", "Une règle. " * 20, "longer than 120 columns"),
    ],
)
def test_what_only_one_page_has_is_found(tmp_path: Path, old: str, new: str, message: str):
    assert FRENCH.count(old) == 1
    found = findings(tmp_path, FRENCH.replace(old, new))
    assert any(message in one for one in found), found


def test_a_link_to_a_page_that_is_translated_leads_to_the_translation(tmp_path: Path):
    (tmp_path / "other.md").write_text("# How\n\n*[En français](other.fr.md)*\n")
    (tmp_path / "other.fr.md").write_text("# Comment\n\n*[In English](other.md)*\n")
    (found,) = findings(tmp_path, FRENCH)
    assert "only in English: ['other.fr.md#comment']" in found
    assert findings(tmp_path, FRENCH.replace("other.md#how", "other.fr.md#comment")) == []


def test_a_link_that_leads_nowhere_is_found_in_both(tmp_path: Path):
    english, french = (text.replace("#how", "#why") for text in (ENGLISH, FRENCH))
    found = findings(tmp_path, french, english)
    assert [one.partition(":")[0] for one in found] == ["page.md", "page.fr.md"]
    assert all("other.md#why leads nowhere" in one for one in found)


def test_only_the_glossary_may_differ(tmp_path: Path):
    english = ENGLISH + "\n## Glossary\n\n| term | meaning |\n| --- | --- |\n| CA | it signs |\n"
    french = FRENCH + "\n## Glossaire\n\n| anglais | français |\n| --- | --- |\n| `CA` | AC |\n| `chain` | chaîne |\n"
    assert findings(tmp_path, french, english) == []
    assert findings(tmp_path, french.replace("Glossaire", "Mots"), english.replace("Glossary", "Terms"))


def test_a_translation_of_no_page_is_refused(tmp_path: Path):
    (tmp_path / "alone.fr.md").write_text(FRENCH)
    with pytest.raises(SystemExit, match="there is no alone.md"):
        list(translations.findings(tmp_path))


def test_the_pages_that_a_customer_meets_are_held():
    names = {french.path.name for _, french in translations.pairs(translations.DOCS)}
    assert {"customer-guide.fr.md", "runbook.fr.md", "rules.fr.md"} <= names
