//! Where a part of a certificate is in its bytes.

/// A range of bytes in half the space of a `Range<usize>`: each of thousands of certificates has eight. No part of a
/// certificate is at 4 GiB or behind it: an element is shorter than that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Span {
    /// Where `part`, a slice of `whole`, is in it.
    pub(super) fn of(part: &[u8], whole: &[u8]) -> Self {
        let start = (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize);
        let offset = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Span {
            start: offset(start),
            end: offset(start + part.len()),
        }
    }

    /// The part of `whole`.
    pub(super) fn within(self, whole: &[u8]) -> &[u8] {
        whole.get(self.start()..self.end()).unwrap_or_default()
    }

    pub(super) fn start(self) -> usize {
        self.start as usize
    }

    pub(super) fn end(self) -> usize {
        self.end as usize
    }
}

#[cfg(test)]
mod tests {
    use super::Span;

    #[test]
    fn a_part_is_found_again() {
        let whole = b"certificate";
        for part in [&whole[..], &whole[4..7], &whole[11..]] {
            assert_eq!(Span::of(part, whole).within(whole), part);
        }
        assert_eq!(Span { start: 5, end: 9 }.within(b"short"), b"");
    }
}
