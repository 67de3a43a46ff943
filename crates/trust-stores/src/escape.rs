//! Text that came from input, made safe to print.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether `character` would change the line, the terminal or the reading order instead of
/// showing: controls, line and paragraph separators, direction and join marks (UAX 9), byte-order
/// marks, tags.
pub fn is_unprintable(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Whether every byte is one from the space to the tilde, or one of `others`. Eight are looked at together,
/// because a file may have megabytes of them.
pub fn is_visible_or(bytes: &[u8], others: &[u8]) -> bool {
    let is_one = |byte: &u8| matches!(byte, b' '..=b'~') || others.contains(byte);
    let (words, rest) = bytes.as_chunks::<8>();
    let is_word = |word: &[u8; 8]| is_visible(*word) || word.iter().all(is_one);
    words.iter().all(is_word) && rest.iter().all(is_one)
}

/// Whether each of eight bytes is one from the space to the tilde.
fn is_visible(bytes: [u8; 8]) -> bool {
    const HIGHEST_BITS: u64 = u64::from_ne_bytes([0x80; 8]);
    let each = |byte: u8| u64::from_ne_bytes([byte; 8]);
    let word = u64::from_ne_bytes(bytes);
    // Of bytes below 0x80, the first sets this bit from 0x7f on, the second from 0x20 on. Neither carries.
    let ascii = word & !HIGHEST_BITS;
    let (above, visible) = (ascii + each(1), ascii + each(0x80 - b' '));
    (word | above | !visible) & HIGHEST_BITS == 0
}

/// `text` with unprintable characters as `\u{…}`, and without five hyphens in a row: it cannot add a line, an
/// escape sequence or a `-----BEGIN` to what it is printed in.
pub fn escape(text: &str) -> Cow<'_, str> {
    const PEM: &str = "-----";
    if !text.contains(is_unprintable) && !text.contains(PEM) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for (index, part) in text.split(PEM).enumerate() {
        if index > 0 {
            out.push_str("----\\u{2d}");
        }
        for character in part.chars() {
            if is_unprintable(character) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
            } else {
                out.push(character);
            }
        }
    }
    Cow::Owned(out)
}

/// The first `longest` characters of `text` and an ellipsis, or all of it if it is no longer.
pub fn shorten(text: &str, longest: usize) -> Cow<'_, str> {
    // No character is shorter than a byte.
    if text.len() <= longest {
        return Cow::Borrowed(text);
    }
    match text.char_indices().nth(longest) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::{escape, is_visible, is_visible_or, shorten};

    #[test]
    fn every_byte_is_looked_at_in_each_of_eight_places() {
        for byte in 0..=u8::MAX {
            for place in 0..8 {
                for others in [b' ', b'~'] {
                    let mut bytes = [others; 8];
                    bytes[place] = byte;
                    let expected = matches!(byte, b' '..=b'~');
                    assert_eq!(is_visible(bytes), expected, "{bytes:?}");
                    let text = [&bytes[..], b"a\tb", &bytes[..=place]].concat();
                    let expected = expected || byte == b'\t';
                    assert_eq!(is_visible_or(&text, b"\t"), expected, "{text:?}");
                    assert!(!is_visible_or(&text, b"\n"), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(shorten("日本", 2), "日本");
        assert_eq!(shorten("日本語", 2), "日本…");
        assert_eq!(shorten("", 0), "");
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        for text in [
            "",
            "Zürich CA 2026",
            "/etc/pki/a b/chain.pem",
            "--ca",
            "日本",
        ] {
            assert_eq!(escape(text), text);
        }
    }

    #[test]
    fn what_does_not_show_is_shown() {
        for (text, escaped) in [
            ("a\nb", r"a\u{a}b"),
            ("\u{1b}[31m", r"\u{1b}[31m"),
            ("\u{202e}gpj", r"\u{202e}gpj"),
            ("-----BEGIN X-----", r"----\u{2d}BEGIN X----\u{2d}"),
            ("------BEGIN", r"----\u{2d}-BEGIN"),
        ] {
            assert_eq!(escape(text), escaped);
            assert!(!escape(text).contains("-----"));
        }
    }
}
