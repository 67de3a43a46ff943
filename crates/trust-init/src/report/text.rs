//! What every report needs to write: numbers with nouns, and JSON.

use serde::Serialize;

/// A number with its noun, in the plural where it needs it.
pub(super) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// A report as JSON with two spaces of indentation and a final newline.
pub(super) fn json(report: &impl Serialize) -> String {
    // It fails only for maps without string keys and for streams, and there are none.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}
