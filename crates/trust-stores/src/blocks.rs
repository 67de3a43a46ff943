//! Small pieces in, blocks out: what lies between encoders and a file.

use std::cell::Cell;
use std::io::{self, Write};
use std::mem;

thread_local! {
    /// The block of the last writer of this thread, for its next one: a hashed directory is thousands of files.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Collects small pieces, and passes them on in blocks of up to 64 KiB. All encoders write to this type, so
/// each of them is compiled once.
pub struct BlockWriter<'a> {
    out: &'a mut dyn Write,
    /// Grows up to a whole block; most files are smaller.
    block: Vec<u8>,
    /// How much of it is filled.
    filled: usize,
}

impl<'a> BlockWriter<'a> {
    const BLOCK: usize = 64 << 10;
    const FIRST_BLOCK: usize = 4 << 10;

    /// Has `encode` write to `out` in blocks.
    ///
    /// # Errors
    ///
    /// Those of `encode` and `out`.
    pub fn write_to(
        out: &'a mut dyn Write,
        encode: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut writer = BlockWriter::new(out);
        encode(&mut writer)?;
        writer.flush()
    }

    fn new(out: &'a mut dyn Write) -> Self {
        BlockWriter {
            out,
            block: SPARE.take(),
            filled: 0,
        }
    }

    /// Has `fill` write `length` bytes, which may be as many as a block has.
    pub(crate) fn append(&mut self, length: usize, fill: impl FnOnce(&mut [u8])) -> io::Result<()> {
        if self.block.len() - self.filled < length {
            self.make_room(length)?;
        }
        let end = self.filled + length;
        fill(&mut self.block[self.filled..end]);
        self.filled = end;
        Ok(())
    }

    /// Makes room for `length` bytes, if a block can have it.
    #[cold]
    fn make_room(&mut self, length: usize) -> io::Result<()> {
        if self.filled + length > BlockWriter::BLOCK {
            self.flush()?;
        }
        let needed = (self.filled + length).next_power_of_two();
        let size = needed.max(BlockWriter::FIRST_BLOCK);
        if (self.block.len() + 1..=BlockWriter::BLOCK).contains(&size) {
            let mut larger = vec![0; size];
            larger[..self.filled].copy_from_slice(&self.block[..self.filled]);
            self.block = larger;
        }
        Ok(())
    }
}

impl Drop for BlockWriter<'_> {
    fn drop(&mut self) {
        SPARE.set(mem::take(&mut self.block));
    }
}

impl Write for BlockWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.block.len() - self.filled < bytes.len() {
            self.make_room(bytes.len())?;
        }
        let end = self.filled + bytes.len();
        match self.block.get_mut(self.filled..end) {
            Some(space) => {
                copy(space, bytes);
                self.filled = end;
                Ok(())
            }
            None => self.out.write_all(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.block[..self.filled])?;
        self.filled = 0;
        Ok(())
    }
}

/// Copies between slices of one length. A manifest is written in millions of pieces of a few bytes, and musl's
/// memcpy takes longer to start than to copy those: that was a third of the time of a large build.
#[inline]
fn copy(to: &mut [u8], from: &[u8]) {
    /// The first and the last bytes, which may overlap, are all of a short slice.
    fn ends<const N: usize>(to: &mut [u8], from: &[u8]) -> Option<()> {
        *to.first_chunk_mut::<N>()? = *from.first_chunk()?;
        *to.last_chunk_mut::<N>()? = *from.last_chunk()?;
        Some(())
    }
    let _ = match from.len() {
        0 => None,
        1 => ends::<1>(to, from),
        2..=4 => ends::<2>(to, from),
        5..=8 => ends::<4>(to, from),
        9..=16 => ends::<8>(to, from),
        17..=32 => ends::<16>(to, from),
        33..=64 => ends::<32>(to, from),
        _ => {
            to.copy_from_slice(from);
            None
        }
    };
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write as _};

    use super::{BlockWriter, copy};

    /// Counts the blocks that come.
    struct Counted {
        bytes: Vec<u8>,
        blocks: usize,
    }

    impl io::Write for Counted {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.bytes.extend_from_slice(bytes);
            self.blocks += 1;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn pieces_are_passed_on_in_blocks_and_none_is_lost() {
        let mut out = Counted {
            bytes: Vec::new(),
            blocks: 0,
        };
        let mut expected = Vec::new();
        let mut writer = BlockWriter::new(&mut out);
        // Also some that are larger than a block.
        for length in [1, 100, 0, 65_435, 65_536, 3, 65_537, 200_000, 5] {
            let piece: Vec<u8> = (0..=250).cycle().take(length).collect();
            writer.write_all(&piece).unwrap();
            expected.extend(piece);
        }
        writer.flush().unwrap();
        drop(writer);
        assert!(out.bytes == expected);
        assert_eq!(out.blocks, 6);
    }

    #[test]
    fn short_pieces_are_copied_whole() {
        let bytes: Vec<u8> = (0..=99).collect();
        for length in 0..bytes.len() {
            let mut copied = vec![255; length];
            copy(&mut copied, &bytes[..length]);
            assert_eq!(copied, bytes[..length]);
        }
    }
}
