//! Secret keys of `OpenPGP` without armor (RFC 9580, 5.5.3), at any offset.

use memchr::memchr3_iter;

/// The offset of the first packet with a secret key in `bytes`.
pub(super) fn find(bytes: &[u8]) -> Option<usize> {
    memchr3_iter(0x94, 0x95, 0xc5, bytes).find(|at| is_secret_key(&bytes[*at..], *at == 0))
}

/// Whether `packet` is one with a secret key. Only at the start of a file, its numbers may be cut off.
pub(super) fn is_secret_key(packet: &[u8], is_start: bool) -> bool {
    let ([0x94, _, body @ ..]
    | [0x95, _, _, body @ ..]
    | [0xc5, 0..=191, body @ ..]
    | [0xc5, 192..=223, _, body @ ..]
    | [0xc5, 255, _, _, _, _, body @ ..]) = packet
    else {
        return false;
    };
    // The version, four octets of a date, the algorithm, and since version 5 a length.
    let ([3 | 4, _, _, _, _, algorithm, numbers @ ..]
    | [5 | 6, _, _, _, _, algorithm, _, _, _, _, numbers @ ..]) = body
    else {
        return false;
    };
    match algorithm {
        // RSA, ElGamal and DSA: two numbers at least.
        1..=3 | 16 | 17 => match after_number(numbers, 512..=16_384) {
            Some([]) => is_start,
            Some(rest) => after_number(rest, 1..=16_384).is_some(),
            None => false,
        },
        // A curve.
        18 | 19 | 22 => CURVES
            .iter()
            .any(|curve| numbers.get(1..).is_some_and(|id| id.starts_with(curve))),
        _ => false,
    }
}

/// How the object identifiers of curves start: NIST's, Certicom's, Brainpool's, those of `GnuPG`.
const CURVES: [&[u8]; 4] = [
    b"\x2a\x86\x48\xce\x3d",
    b"\x2b\x81\x04\x00",
    b"\x2b\x24\x03\x03",
    b"\x2b\x06\x01\x04\x01",
];

/// What follows a number of as many bits as are allowed; nothing if that is cut off.
fn after_number(bytes: &[u8], bits: std::ops::RangeInclusive<u16>) -> Option<&[u8]> {
    let (length, number) = bytes.split_first_chunk()?;
    let length = u16::from_be_bytes(*length);
    let unused = u32::from(length.wrapping_neg() % 8);
    let is_sound = bits.contains(&length) && number.first()?.leading_zeros() == unused;
    let octets = usize::from(length.div_ceil(8));
    is_sound.then(|| number.get(octets..).unwrap_or_default())
}
