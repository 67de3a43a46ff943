//! One section of PEM (RFC 7468) out: DER between BEGIN and END lines.

use std::io::{self, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::blocks::BlockWriter;
use crate::radix64;

const LINE_CHARACTERS: usize = 64;
/// As many bytes as make that many characters.
const LINE_BYTES: usize = 48;

/// With a newline.
const LINE: usize = LINE_CHARACTERS + 1;

/// Writes `der` as PEM with this label, lines of 64 characters, and a final newline.
pub(crate) fn write_armored(label: &str, der: &[u8], out: &mut BlockWriter<'_>) -> io::Result<()> {
    let mark = |out: &mut BlockWriter<'_>, parts: [&str; 3]| {
        parts
            .iter()
            .try_for_each(|part| out.write_all(part.as_bytes()))
    };
    mark(out, ["-----BEGIN ", label, "-----\n"])?;
    // Many lines at once: the room for them is looked for once.
    let (lines, rest) = der.as_chunks::<LINE_BYTES>();
    for lines in lines.chunks(32) {
        out.append(lines.len() * LINE, |text| {
            for (line, place) in lines.iter().zip(text.as_chunks_mut().0) {
                encode_line(line, place);
            }
        })?;
    }
    if !rest.is_empty() {
        let mut text = [b'\n'; LINE];
        let length = STANDARD.encode_slice(rest, &mut text).unwrap_or_default();
        out.write_all(&text[..=length])?;
    }
    mark(out, ["-----END ", label, "-----\n"])
}

/// Base64 of a whole line, with its newline.
fn encode_line(bytes: &[u8; LINE_BYTES], text: &mut [u8; LINE]) {
    let (eights, newline) = text.as_chunks_mut::<8>();
    radix64::encode(bytes.as_chunks::<6>().0, eights);
    newline.fill(b'\n');
}

#[cfg(test)]
pub(crate) fn armored(label: &str, der: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    BlockWriter::write_to(&mut text, |out| write_armored(label, der, out)).unwrap();
    text
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

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

    #[test]
    fn the_lines_together_are_base64() {
        for length in 0..300_u32 {
            let der: Vec<u8> = (0..length)
                .map(|i| ((i * i) >> 2).to_le_bytes()[0])
                .collect();
            let text = String::from_utf8(armored("X", &der)).unwrap();
            let body = text.replace('\n', "");
            let body = body.strip_prefix("-----BEGIN X-----").unwrap();
            let body = body.strip_suffix("-----END X-----").unwrap();
            assert_eq!(body, STANDARD.encode(&der));
        }
    }
}
