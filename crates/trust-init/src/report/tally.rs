//! Which of many lines of one kind are shown, and how many are not.
//!
//! Every two bytes of a source can be a fault, and nobody reads a thousand lines about them. So a run
//! shows some lines of each kind, and then one with the number of the others.

use std::collections::BTreeMap;

use super::text::count;
use trust_stores::Judgement;

/// The most lines of one kind about one source.
pub(super) const MAX_LINES: usize = 20;

/// The most lines of one kind about all sources.
const MAX_LINES_OF_ALL: usize = 100;

/// Counts lines by kind.
#[derive(Debug)]
pub(super) struct Tally<K>(BTreeMap<K, Lines>);

#[derive(Debug, Default)]
struct Lines {
    shown: usize,
    /// The source that the last line was about.
    source: usize,
    shown_of_source: usize,
    hidden: usize,
    /// The first and the last source that a hidden line is about.
    hidden_in: Option<(usize, usize)>,
}

/// The lines of one kind that were not shown, in words.
#[derive(Debug)]
pub(super) struct Rest {
    /// The source that all of them are about, if it is one.
    pub(super) place: Option<String>,
    /// How many there are.
    pub(super) message: String,
}

impl<K: Ord + Copy> Tally<K> {
    pub(super) fn new() -> Self {
        Tally(BTreeMap::new())
    }

    /// Whether to show a line about `things` in the source with this index. Lines come in the order of
    /// sources.
    pub(super) fn shows(&mut self, kind: K, source: usize, things: usize) -> bool {
        let lines = self.0.entry(kind).or_default();
        if lines.source != source {
            lines.source = source;
            lines.shown_of_source = 0;
        }
        if lines.shown < MAX_LINES_OF_ALL && lines.shown_of_source < MAX_LINES {
            lines.shown += 1;
            lines.shown_of_source += 1;
            return true;
        }
        lines.hidden += things;
        let first = lines.hidden_in.map_or(source, |(first, _)| first);
        lines.hidden_in = Some((first, source));
        false
    }

    /// For each kind, what is to be said of the lines that were not shown.
    pub(super) fn rest(self, judgement: &Judgement) -> impl Iterator<Item = (K, Rest)> {
        self.0.into_iter().filter_map(|(kind, lines)| {
            let (first, last) = lines.hidden_in?;
            let place = (first == last).then(|| judgement.sources[first].name.clone());
            let more = count(lines.hidden, "more finding");
            let message = format!("{more} of this kind not shown");
            Some((kind, Rest { place, message }))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_LINES, MAX_LINES_OF_ALL, Tally};
    use trust_stores::{JudgedSource, Judgement, SourceRole};

    #[test]
    fn lines_are_counted_by_source_and_in_all() {
        let sources = (0..9).map(|number| JudgedSource {
            name: format!("{number}.pem"),
            role: SourceRole::Customer,
        });
        let judgement = Judgement {
            sources: sources.collect(),
            ..Judgement::default()
        };
        let mut tally = Tally::new();
        let shown = |tally: &mut Tally<_>, kind, source| {
            (0..30).filter(|_| tally.shows(kind, source, 1)).count()
        };
        assert_eq!(shown(&mut tally, 'a', 3), MAX_LINES);
        let all: usize = (0..9).map(|source| shown(&mut tally, 'b', source)).sum();
        assert_eq!(all, MAX_LINES_OF_ALL);
        let rest: Vec<_> = tally.rest(&judgement).collect();
        assert_eq!(rest[0].1.place.as_deref(), Some("3.pem"));
        assert_eq!(rest[0].1.message, "10 more findings of this kind not shown");
        assert_eq!(rest[1].1.place, None);
        assert_eq!(
            rest[1].1.message,
            "170 more findings of this kind not shown"
        );
    }
}
