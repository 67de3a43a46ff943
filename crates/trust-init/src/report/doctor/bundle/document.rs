//! A document of sections, before it is text or HTML.

use crate::report::style::Tone;

/// Everything that a support bundle shows. Its strings can hold anything: whoever renders them makes
/// them harmless, at one place.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) title: String,
    pub(super) sections: Vec<Section>,
}

/// A part with a heading.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) title: String,
    pub(super) blocks: Vec<Block>,
}

/// What a section is made of.
#[derive(Debug)]
pub(super) enum Block {
    /// A heading below the section's.
    Heading(String),
    /// A sentence that is the answer to something.
    Answer(Tone, String),
    /// Sentences.
    Lines(Vec<String>),
    /// Names with their values.
    Facts(Vec<(String, String)>),
    /// Certificates below those that issued them.
    Tree(Vec<Node>),
    /// Lines to copy, as they are. Only for text that this program wrote.
    Verbatim(String),
}

/// One certificate in a drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) label: String,
    pub(super) details: Vec<String>,
    pub(super) children: Vec<Node>,
}

impl Section {
    pub(super) fn new(title: impl Into<String>) -> Self {
        Section {
            title: title.into(),
            blocks: Vec::new(),
        }
    }

    pub(super) fn heading(&mut self, heading: &str) {
        self.blocks.push(Block::Heading(heading.to_owned()));
    }

    /// Adds sentences, if there are any.
    pub(super) fn lines(&mut self, lines: Vec<String>) {
        if !lines.is_empty() {
            self.blocks.push(Block::Lines(lines));
        }
    }

    /// Adds a table, if it has a row.
    pub(super) fn facts(&mut self, facts: Vec<(String, String)>) {
        if !facts.is_empty() {
            self.blocks.push(Block::Facts(facts));
        }
    }
}

#[cfg(test)]
impl Document {
    /// A document with this text in each place that text from outside can get to.
    pub(super) fn of_one_text(text: &str) -> Self {
        let mut section = Section::new(text);
        section.heading(text);
        section.blocks.push(Block::Answer(Tone::Bad, text.into()));
        section.lines(vec![text.into()]);
        section.facts(vec![(text.into(), text.into())]);
        section.blocks.push(Block::Tree(vec![Node {
            label: text.into(),
            details: vec![text.into()],
            children: Vec::new(),
        }]));
        Document {
            title: text.into(),
            sections: vec![section],
        }
    }
}
