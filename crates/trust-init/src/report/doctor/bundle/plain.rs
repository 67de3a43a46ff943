//! A document as plain text.

use std::fmt::Write as _;

use trust_stores::escape::escape;

use super::document::{Block, Document, Node};

pub(super) fn plain(document: &Document) -> String {
    let mut out = String::new();
    push_heading(&mut out, &document.title, '=');
    for section in &document.sections {
        out.push('\n');
        push_heading(&mut out, &section.title, '-');
        for block in &section.blocks {
            push_block(&mut out, block);
        }
    }
    out
}

fn push_heading(out: &mut String, heading: &str, line: char) {
    let heading = escape(heading);
    let width = heading.chars().count();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{heading}\n{}", String::from(line).repeat(width));
}

fn push_block(out: &mut String, block: &Block) {
    match block {
        Block::Heading(heading) => {
            let _ = writeln!(out, "\n{}:", escape(heading));
        }
        Block::Answer(_, answer) => {
            let _ = writeln!(out, "{}", escape(answer));
        }
        Block::Lines(lines) => {
            for line in lines {
                let _ = writeln!(out, "{}", escape(line));
            }
        }
        Block::Facts(facts) => {
            let width = facts.iter().map(|(name, _)| name.chars().count()).max();
            let width = width.unwrap_or_default();
            for (name, value) in facts {
                let _ = writeln!(out, "  {:<width$}  {}", escape(name), escape(value));
            }
        }
        Block::Tree(nodes) => push_nodes(out, nodes, "  "),
        Block::Verbatim(text) => {
            for line in text.lines() {
                let _ = writeln!(out, "    {line}");
            }
        }
    }
}

/// Draws certificates below what `indent` draws.
fn push_nodes(out: &mut String, nodes: &[Node], indent: &str) {
    for (index, node) in nodes.iter().enumerate() {
        let is_last = index + 1 == nodes.len();
        let (branch, below) = if is_last {
            ("`-- ", "    ")
        } else {
            ("|-- ", "|   ")
        };
        let _ = writeln!(out, "{indent}{branch}{}", escape(&node.label));
        let indent = format!("{indent}{below}");
        let bar = if node.children.is_empty() {
            "    "
        } else {
            "|   "
        };
        for detail in &node.details {
            let _ = writeln!(out, "{indent}{bar}{}", escape(detail));
        }
        push_nodes(out, &node.children, &indent);
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::{Document, Node, Section};
    use super::{Block, plain};

    #[test]
    fn a_chain_is_drawn_below_its_root() {
        let leaf = Node {
            label: String::from("CN=leaf"),
            details: vec![String::from("sent")],
            children: Vec::new(),
        };
        let root = Node {
            label: String::from("CN=root"),
            details: vec![String::from("not sent")],
            children: vec![leaf.clone(), leaf],
        };
        let mut section = Section::new("Server");
        section.blocks.push(Block::Tree(vec![root]));
        let document = Document {
            title: String::from("Report"),
            sections: vec![section],
        };
        let expected = "Report\n======\n\nServer\n------\n  `-- CN=root\n      |   not sent\n      \
                        |-- CN=leaf\n      |       sent\n      `-- CN=leaf\n              sent\n";
        assert_eq!(plain(&document), expected);
    }

    #[test]
    fn nothing_writes_a_line_of_its_own() {
        let hostile = "a\nb\x1b[31m";
        let text = plain(&Document::of_one_text(hostile));
        assert!(!text.contains('\x1b'), "{text}");
        assert!(!text.lines().any(|line| line.starts_with('b')), "{text}");
        assert_eq!(text.matches("a\\u{a}b").count(), 9, "{text}");
    }
}
