//! One section of PEM (RFC 7468) out: DER between BEGIN and END lines.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Writes `der` as PEM with this label, lines of 64 characters, and a final newline.
pub(crate) fn write_armored(label: &str, der: &[u8], out: &mut impl Write) -> io::Result<()> {
    /// As many bytes as make 64 characters.
    const LINE: usize = 48;
    const LINES: usize = 32;
    let mark = |out: &mut _, parts: [&str; 3]| {
        parts
            .iter()
            .try_for_each(|part| Write::write_all(out, part.as_bytes()))
    };
    mark(out, ["-----BEGIN ", label, "-----\n"])?;
    // A call for each line would cost as much as its base64.
    let mut text = [b'\n'; LINES * 65];
    for block in der.chunks(LINES * LINE) {
        let mut length = 0;
        for line in block.chunks(LINE) {
            length += STANDARD
                .encode_slice(line, &mut text[length..])
                .unwrap_or_default();
            text[length] = b'\n';
            length += 1;
        }
        out.write_all(&text[..length])?;
    }
    mark(out, ["-----END ", label, "-----\n"])
}

#[cfg(test)]
pub(crate) fn armored(label: &str, der: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    write_armored(label, der, &mut text).unwrap();
    text
}

#[cfg(test)]
mod tests {
    use super::armored;

    #[test]
    fn lines_have_64_characters_and_the_last_what_is_left() {
        let blocks = [(32 * 48, 32), (32 * 48 + 1, 33), (5000, 105)];
        let small = [(1, 1), (48, 1), (49, 2), (96, 2), (97, 3)];
        for (length, lines) in small.into_iter().chain(blocks) {
            let text = String::from_utf8(armored("X", &vec![0; length])).unwrap();
            let text: Vec<&str> = text.strip_suffix('\n').unwrap().lines().collect();
            assert_eq!(text.len(), lines + 2, "{length}");
            assert_eq!(text[0], "-----BEGIN X-----");
            assert_eq!(text[lines + 1], "-----END X-----");
            assert!(text[1..lines].iter().all(|line| line.len() == 64));
        }
    }
}
