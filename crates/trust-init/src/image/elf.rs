//! Where the code of an ELF program or library is (`elf(5)`): most of it, and no string is there.

use std::fs::File;
use std::ops::Range;

use rustix::io::pread;

/// Enough for the header and what it says of segments.
const HEADERS: usize = 4096;

/// Less is read as fast as it is skipped.
const WORTH_SKIPPING: u64 = 1 << 20;

/// The range in a 64-bit little-endian file of its largest segment that is executed, if it is worth skipping.
/// Linkers put constants into one of their own since 2018 (`ld -z separate-code`), before that among code.
pub(super) fn code(file: &File) -> Option<Range<u64>> {
    let mut headers = [0; HEADERS];
    let length = pread(file, &mut headers[..], 0).ok()?;
    segments(&headers[..length])?
        .filter(|segment| segment.end - segment.start >= WORTH_SKIPPING)
        .max_by_key(|segment| segment.end - segment.start)
}

/// The ranges of the segments that are executed.
fn segments(headers: &[u8]) -> Option<impl Iterator<Item = Range<u64>>> {
    const START: &[u8] = b"\x7fELF\x02\x01";
    const LOADED: u64 = 1;
    const EXECUTED: u64 = 1;
    let headers = Some(headers).filter(|headers| headers.starts_with(START))?;
    let first = usize::try_from(number(headers, 0x20, 8)?).ok()?;
    let size = usize::try_from(number(headers, 0x36, 2)?).ok()?;
    let count = usize::try_from(number(headers, 0x38, 2)?).ok()?;
    let entries = headers.get(first..)?.chunks_exact(size.max(1)).take(count);
    Some(entries.filter_map(move |entry| {
        let is_loaded = number(entry, 0, 4)? == LOADED;
        let is_executed = number(entry, 4, 4)? & EXECUTED != 0;
        let start = number(entry, 8, 8)?;
        let end = start.checked_add(number(entry, 0x20, 8)?)?;
        (is_loaded && is_executed).then_some(start..end)
    }))
}

/// The number of so many bytes at an offset.
fn number(bytes: &[u8], offset: usize, size: usize) -> Option<u64> {
    let bytes = bytes.get(offset..offset.checked_add(size)?)?;
    let mut wide = [0; 8];
    wide.get_mut(..size)?.copy_from_slice(bytes);
    Some(u64::from_le_bytes(wide))
}
