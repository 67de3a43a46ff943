//! What a wrong word was probably meant to be.
//!
//! clap suggests by the letters that two words share, in their case; here a word in capitals is near too.
//! Nothing near is ever accepted: it is only named.

/// Words that may mean ours, but not surely enough to take them.
const SYNONYMS: [(&str, &str); 4] = [
    ("off", "none"),
    ("false", "none"),
    ("direct", "none"),
    ("system", "auto"),
];

/// The one of `known` that `word` was probably meant to be.
pub(super) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let typed = fold(word);
    let by_letters = known
        .iter()
        .filter_map(|name| Some((closeness(&typed, &fold(name))?, *name)))
        .min_by_key(|(distance, _)| *distance);
    let by_meaning = || {
        let same = SYNONYMS
            .iter()
            .filter(|(other, _)| other.as_bytes() == typed);
        let mut ours = same.map(|(_, ours)| ours);
        ours.find_map(|ours| known.iter().copied().find(|name| name == ours))
    };
    by_letters.map(|(_, name)| name).or_else(by_meaning)
}

/// The letters that count: `PKCS_12` is `pkcs12`.
fn fold(word: &str) -> Vec<u8> {
    let letters = word.trim().bytes();
    let letters = letters.filter(|byte| !matches!(byte, b'-' | b'_' | b' '));
    letters.map(|byte| byte.to_ascii_lowercase()).collect()
}

/// How far two folded words are apart, if they are near: a third of the letters wrong, or the rest cut off.
fn closeness(typed: &[u8], name: &[u8]) -> Option<usize> {
    let limit = typed.len().max(name.len()) / 3;
    let distance = distance(typed, name);
    let is_start = typed.len() >= 2 && (name.starts_with(typed) || typed.starts_with(name));
    (distance <= limit || is_start).then_some(distance)
}

/// How many letters must be added, left out, replaced or swapped with the next to make `one` of `other`
/// (optimal string alignment).
pub(super) fn distance(one: &[u8], other: &[u8]) -> usize {
    // The rows of the table that are still needed: the last two and the one that is being filled.
    let mut before_last = vec![0; other.len() + 1];
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, others) in other.iter().enumerate() {
            let replaced = last[column] + usize::from(letter != others);
            let mut best = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            let is_swapped =
                row > 0 && column > 0 && *letter == other[column - 1] && one[row - 1] == *others;
            if is_swapped {
                best = best.min(before_last[column - 1] + 1);
            }
            current.push(best);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn letters_are_added_left_out_replaced_and_swapped() {
        for (one, other, expected) in [
            ("", "", 0),
            ("base", "", 4),
            ("bsae", "base", 1),
            ("cas", "ca", 1),
            ("otu", "out", 1),
            ("ca", "abc", 3),
            ("kitten", "sitting", 3),
        ] {
            for (one, other) in [(one, other), (other, one)] {
                assert_eq!(distance(one.as_bytes(), other.as_bytes()), expected);
            }
        }
    }

    #[test]
    fn the_nearest_word_is_the_one_that_was_meant() {
        let bases = ["mozilla", "auto", "os", "none"];
        let layouts = ["debian", "ubuntu", "rhel", "redhat", "suse"];
        let formats = ["pkcs12", "p12", "pkcs12-mac", "pkcs12-encrypted", "jks"];
        for (word, known, expected) in [
            ("None", &bases[..], Some("none")),
            ("NONE", &bases, Some("none")),
            ("no", &bases, Some("none")),
            ("off", &bases, Some("none")),
            ("nnoe", &bases, Some("none")),
            ("Mozila", &bases, Some("mozilla")),
            ("auto ", &bases, Some("auto")),
            ("corp", &bases, None),
            ("", &bases, None),
            ("Red-Hat", &layouts, Some("redhat")),
            ("ubunut", &layouts, Some("ubuntu")),
            ("Debain", &layouts, Some("debian")),
            ("PKCS_12", &formats, Some("pkcs12")),
            ("pkcs12-encrypt", &formats, Some("pkcs12-encrypted")),
            ("P21", &formats, Some("p12")),
            ("system", &bases, Some("auto")),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
    }
}
