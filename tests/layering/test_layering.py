"""The check of imports, on small crates."""

import imports
import pytest

PAGE = """\
# Architecture

```layers
trust-init
  error
  read, image
  write

trust-stores
  cert
```
"""
FLOORS = [["error"], ["read", "image"], ["write"]]
WHOLE = {
    "lib.rs": "pub mod error; pub mod read; pub mod image; pub mod write;\npub use write::Tree;\n",
    "main.rs": "use trust_init::write;\n",
    "error.rs": "",
    "read.rs": "use crate::error::Error;\n",
    "image/mod.rs": "mod root;\nuse super::error;\n",
    "image/root.rs": "use super::super::error;\n",
    "write.rs": "use crate::{error, read::{self, Source}};\nfn f() { crate::image::root() }\n",
}


@pytest.fixture
def faults(tmp_path):
    """What is wrong with the crate, once these files are changed or added."""

    def check(**files: str) -> list[str]:
        for name, text in {**WHOLE, **{key.replace("__", "/"): files[key] for key in files}}.items():
            path = tmp_path / (name if name.endswith(".rs") else f"{name}.rs")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        found = imports.faults("trust-init", FLOORS, tmp_path)
        return [fault.replace(f"{tmp_path}/", "") for fault in found]

    return check


def test_the_table_is_read():
    assert imports.table(PAGE) == {"trust-init": FLOORS, "trust-stores": [["cert"]]}
    for none_or_two in ("# Architecture\n", PAGE + PAGE):
        with pytest.raises(SystemExit, match="expected one"):
            imports.table(none_or_two)


def test_a_crate_that_imports_downwards_passes(faults):
    assert faults() == []


@pytest.mark.parametrize(
    "text",
    [
        "use crate::write::Tree;",
        "use crate::{error, write};",
        "use crate::{error::{Error, Code}, write::Tree};",
        "use super::write;",
        "use super::{error, write};",
        "pub use crate::write;",
        "use crate::Tree;",
        "fn f() { crate::write::tree() }",
        "fn f(tree: &super::write::Tree) {}",
        "mod inner { use super::super::write; }",
        "impl From<crate::write::Error> for Error {}",
    ],
)
def test_an_import_from_a_higher_floor_fails(text, faults):
    assert faults(read=f"\n{text}\n") == [
        "read.rs:2: read names write, which is on a higher floor"
    ]


def test_a_file_deep_in_a_room_is_held_to_its_floor(faults):
    assert faults(image__root="use super::super::write;") == [
        "image/root.rs:1: image names write, which is on a higher floor"
    ]
    # This `super` leads to the room itself, and its own `write`.
    assert faults(image__root="use super::write;") == []


@pytest.mark.parametrize(
    "text",
    [
        "// use crate::write;",
        "/// See [crate::write].",
        "/* crate::write::f() */",
        'const TEXT: &str = "crate::write::Tree";',
        'const TEXT: &str = r#"crate::write::"Tree""#;',
        "#[cfg(test)]\nmod tests {\n    use crate::write;\n}",
        "#[cfg(test)]\nuse crate::write;",
        "#[cfg(test)]\nfn f() {\n    crate::write::f()\n}",
        "#[cfg(test)]\n#[allow(unused)]\nfn f() -> [u8; 3] {\n    crate::write::f()\n}",
        "pub(in crate::read) fn f() {}",
        "use other::crate_::write;",
        "fn f<'a>(x: &'a str) -> char { '\"' }",
    ],
)
def test_tests_comments_and_literals_are_exempt(text, faults):
    assert faults(read=text) == []


def test_a_file_of_tests_is_exempt(faults):
    assert faults(read="#[cfg(test)]\nmod tests;", read__tests="use crate::write;") == []


def test_code_behind_a_test_module_is_not(faults):
    assert faults(read="#[cfg(test)]\nmod tests {\n}\nuse crate::write;\n") == [
        "read.rs:4: read names write, which is on a higher floor"
    ]


def test_a_room_may_not_name_another_of_its_floor(faults):
    assert faults(read="use crate::{image::Root, read::Source};") == [
        "read.rs:1: read names image, which is on the same floor"
    ]


def test_a_room_is_in_the_table_and_in_the_crate(faults, tmp_path):
    assert faults(extra="") == ["ARCHITECTURE.md: the table has no room extra of trust-init"]
    (tmp_path / "extra.rs").unlink()
    (tmp_path / "error.rs").unlink()
    found = imports.faults("trust-init", FLOORS, tmp_path)
    assert "ARCHITECTURE.md: trust-init has no room error" in list(found)


def test_a_path_to_what_is_in_no_room_fails(faults):
    assert faults(read="use crate::*;") == [
        "read.rs:1: * is no room: name the room that holds it"
    ]
