//! One section of PEM (RFC 7468) out: DER between BEGIN and END lines.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// `der` as PEM with this label, lines of 64 characters, and a final newline.
pub(crate) fn armor(label: &str, der: &[u8]) -> Vec<u8> {
    /// As many bytes as make 64 characters.
    const LINE: usize = 48;
    let begin = format!("-----BEGIN {label}-----\n");
    let end = format!("-----END {label}-----\n");
    let characters = der.len().div_ceil(3) * 4;
    let length = begin.len() + characters + characters.div_ceil(64) + end.len();
    let mut out = vec![b'\n'; length];
    out[..begin.len()].copy_from_slice(begin.as_bytes());
    let mut at = begin.len();
    for line in der.chunks(LINE) {
        at += STANDARD
            .encode_slice(line, &mut out[at..])
            .unwrap_or_default();
        // The newline is there already.
        at += 1;
    }
    out[at..].copy_from_slice(end.as_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::armor;

    #[test]
    fn lines_have_64_characters_and_the_last_what_is_left() {
        for (length, lines) in [(1, 1), (48, 1), (49, 2), (96, 2), (97, 3)] {
            let text = String::from_utf8(armor("X", &vec![0; length])).unwrap();
            let text: Vec<&str> = text.strip_suffix('\n').unwrap().lines().collect();
            assert_eq!(text.len(), lines + 2, "{length}");
            assert_eq!(text[0], "-----BEGIN X-----");
            assert_eq!(text[lines + 1], "-----END X-----");
            assert!(text[1..lines].iter().all(|line| line.len() == 64));
        }
    }
}
