//! A value, as YAML for people and as the JSON that Kubernetes makes of it.
//!
//! A string is written as a plain word that no version of YAML reads as another type, as a JSON string,
//! which YAML 1.1 and 1.2 read alike, or as a literal block.
//!
//! This is written by hand: `serde_yaml` is archived (dtolnay/serde-yaml, 2024), and its successors choose
//! the form of a string themselves. A certificate bundle must be a literal block for people to read it, and
//! a new release of a crate must not change the bytes, because `--hash-suffix` and reviews compare them.

use std::borrow::Cow;
use std::iter;

use memchr::{memchr_iter, memchr3_iter};
use serde::{Serialize, Serializer};
use trust_stores::escape::is_visible_or;

/// A value. Maps keep the order that people read them in.
#[derive(Clone, Debug)]
pub(super) enum Node<'a> {
    Text(Cow<'a, str>),
    Bool(bool),
    List(Vec<Node<'a>>),
    /// Keys are plain words.
    Map(Vec<(&'a str, Node<'a>)>),
}

impl<'a> Node<'a> {
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Node::Text(text.into())
    }

    /// The value as compact JSON.
    pub(super) fn json(&self) -> Vec<u8> {
        // Neither maps with odd keys nor a failing stream: it cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The size of the compact JSON.
    pub(super) fn json_size(&self) -> usize {
        let separators = |count: usize| 2 + count.saturating_sub(1);
        match self {
            Node::Text(text) if is_printable(text) => 2 + text.len() + escaped(text),
            Node::Text(_) | Node::Bool(_) => self.json().len(),
            Node::List(items) => {
                let sizes = items.iter().map(Node::json_size);
                separators(items.len()) + sizes.sum::<usize>()
            }
            Node::Map(pairs) => {
                let quotes_and_colon = 3;
                let size = |(key, value): &(&str, Node<'_>)| {
                    quotes_and_colon + key.len() + value.json_size()
                };
                separators(pairs.len()) + pairs.iter().map(size).sum::<usize>()
            }
        }
    }

    /// The value as a YAML document, without its `---`.
    pub(super) fn yaml(&self) -> String {
        let mut out = String::new();
        self.write_yaml(&mut out);
        out
    }

    /// Appends the value as a YAML document, without its `---`.
    pub(super) fn write_yaml(&self, out: &mut String) {
        self.write(0, out);
    }

    /// Appends to the current line; ends with a line break.
    fn write(&self, indent: usize, out: &mut String) {
        match self {
            Node::Text(text) if is_block(text) => {
                out.push_str("|\n");
                write_lines(text, indent, out);
                return;
            }
            Node::Text(text) if is_plain(text) => out.push_str(text),
            Node::Text(text) if is_printable(text) && escaped(text) == 0 => {
                out.extend(["\"", text, "\""]);
            }
            Node::Text(_) => out.push_str(&String::from_utf8_lossy(&self.json())),
            Node::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Node::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        spaces(indent, out);
                    }
                    out.push_str("- ");
                    item.write(indent + 2, out);
                }
                return;
            }
            Node::Map(pairs) => {
                for (index, (key, value)) in pairs.iter().enumerate() {
                    if index > 0 {
                        spaces(indent, out);
                    }
                    out.push_str(key);
                    out.push(':');
                    if matches!(value, Node::List(_) | Node::Map(_)) {
                        out.push('\n');
                        spaces(indent + 2, out);
                    } else {
                        out.push(' ');
                    }
                    value.write(indent + 2, out);
                }
                return;
            }
        }
        out.push('\n');
    }
}

/// Appends the lines of a text that ends with a line break, each but the empty ones behind so many spaces.
fn write_lines(text: &str, indent: usize, out: &mut String) {
    let mut start = 0;
    for end in memchr_iter(b'\n', text.as_bytes()) {
        if end > start {
            spaces(indent, out);
        }
        out.push_str(&text[start..=end]);
        start = end + 1;
    }
}

fn spaces(number: usize, out: &mut String) {
    const SPACES: &str = "                ";
    match SPACES.get(..number) {
        Some(spaces) => out.push_str(spaces),
        None => out.extend(iter::repeat_n(' ', number)),
    }
}

/// Whether a literal block (`|`) preserves every byte of the text.
fn is_block(text: &str) -> bool {
    text.len() > 1
        && text.ends_with('\n')
        && !text.ends_with("\n\n")
        && !text.starts_with([' ', '\n'])
        && is_printable(text)
}

/// Whether a text is printable ASCII in lines. Bundles are, and are asked often.
fn is_printable(text: &str) -> bool {
    is_visible_or(text.as_bytes(), b"\n")
}

/// How many characters of a printable text JSON escapes.
fn escaped(text: &str) -> usize {
    memchr3_iter(b'"', b'\\', b'\n', text.as_bytes()).count()
}

/// Whether every version of YAML reads the text as a string without quotes.
fn is_plain(text: &str) -> bool {
    const OTHERS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte))
        && !text.bytes().all(|byte| byte.is_ascii_hexdigit())
        && !OTHERS.iter().any(|other| text.eq_ignore_ascii_case(other))
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Text(text) => serializer.serialize_str(text),
            Node::Bool(value) => serializer.serialize_bool(*value),
            Node::List(items) => serializer.collect_seq(items),
            Node::Map(pairs) => {
                serializer.collect_map(pairs.iter().map(|(key, value)| (key, value)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Node;

    fn yaml(text: &str) -> String {
        yaml_of(&Node::Map(vec![("a", Node::text(text))]))
    }

    fn yaml_of(node: &Node<'_>) -> String {
        assert_eq!(node.json_size(), node.json().len());
        node.yaml()
    }

    #[test]
    fn a_string_is_never_read_as_another_type() {
        for (text, written) in [
            ("trust-java", "a: trust-java\n"),
            ("/trust", "a: /trust\n"),
            ("v1", "a: v1\n"),
            ("", "a: \"\"\n"),
            ("no", "a: \"no\"\n"),
            ("NULL", "a: \"NULL\"\n"),
            ("1e3", "a: \"1e3\"\n"),
            ("e3", "a: \"e3\"\n"),
            ("~", "a: \"~\"\n"),
            ("a: b", "a: \"a: b\"\n"),
            ("a #b", "a: \"a #b\"\n"),
            ("é", "a: \"é\"\n"),
            ("a\tb", "a: \"a\\tb\"\n"),
            ("a\"b\\", "a: \"a\\\"b\\\\\"\n"),
        ] {
            assert_eq!(yaml(text), written);
        }
    }

    #[test]
    fn every_character_is_told_from_printable_ones() {
        for code in 0..=0x100 {
            let character = char::from_u32(code).unwrap();
            let is_printable = matches!(character, ' '..='~' | '\n');
            for before in 0..9 {
                let text = format!("{}{character}{}", "~ ".repeat(before), " ~");
                assert_eq!(super::is_printable(&text), is_printable, "{text:?}");
                yaml(&text);
            }
        }
    }

    #[test]
    fn a_block_is_used_if_it_preserves_every_byte() {
        assert_eq!(yaml("b\n\n c \n"), "a: |\n  b\n\n   c \n");
        assert_eq!(yaml("\"b\\\n"), "a: |\n  \"b\\\n");
        for text in [
            "\n", "b", "b\nc", "b\n\n", " b\n", "\nb\n", "b\r\n", "é\n", "b\tc\n",
        ] {
            assert!(yaml(text).starts_with("a: \""), "{text:?}");
        }
    }

    #[test]
    fn lists_and_maps_are_below_their_key() {
        let item = |name| Node::Map(vec![("name", Node::text(name)), ("on", Node::Bool(true))]);
        let list = Node::List(vec![item("b"), item("c")]);
        let map = Node::Map(vec![
            ("list", list),
            ("map", Node::Map(vec![("d", Node::text("e3"))])),
        ]);
        let written = "\
list:
  - name: \"b\"
    on: true
  - name: \"c\"
    on: true
map:
  d: \"e3\"
";
        assert_eq!(yaml_of(&map), written);
        let json = r#"{"list":[{"name":"b","on":true},{"name":"c","on":true}],"map":{"d":"e3"}}"#;
        assert_eq!(map.json(), json.as_bytes());
    }
}
