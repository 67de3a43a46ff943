//! What BER and DER require of the contents of simple types.

use super::tag;

/// Whether an INTEGER has content, and no leading octet that adds nothing (X.690, 8.3.2).
pub(crate) fn is_minimal_integer(content: &[u8]) -> bool {
    match content {
        [] => false,
        [0, next, ..] => *next >= 0x80,
        [0xff, next, ..] => *next < 0x80,
        _ => true,
    }
}

/// The value of an INTEGER that is not negative; all that is too large is `u32::MAX`.
pub(crate) fn unsigned(content: &[u8]) -> Option<u32> {
    let is_unsigned = is_minimal_integer(content) && content[0] < 0x80;
    let magnitude = content.strip_prefix(&[0]).unwrap_or(content);
    let value = match magnitude.len() {
        0..=4 => magnitude
            .iter()
            .fold(0, |value, octet| value << 8 | u32::from(*octet)),
        _ => u32::MAX,
    };
    is_unsigned.then_some(value)
}

/// The bytes of an INTEGER, which is taken as positive, without leading zeros.
pub(crate) fn magnitude(content: &[u8]) -> &[u8] {
    let start = content.iter().position(|octet| *octet != 0);
    start.map_or(&[], |start| &content[start..])
}

/// How many bits an INTEGER has, which is taken as positive.
pub(crate) fn bit_length(content: &[u8]) -> usize {
    let magnitude = magnitude(content);
    magnitude.first().map_or(0, |first| {
        magnitude.len() * 8 - first.leading_zeros() as usize
    })
}

/// Whether each number of an OBJECT IDENTIFIER is whole and in its shortest form (X.690, 8.19.2).
pub(crate) fn is_object_identifier(content: &[u8]) -> bool {
    let mut starts_number = true;
    for octet in content {
        if starts_number && *octet == 0x80 {
            return false;
        }
        starts_number = octet & 0x80 == 0;
    }
    starts_number && !content.is_empty()
}

/// Whether a BIT STRING says how many bits of its last octet are unused (X.690, 8.6.2).
pub(crate) fn is_bit_string(content: &[u8]) -> bool {
    matches!(content, [0] | [0..=7, _, ..])
}

/// Whether a `BMPString` is whole characters, none of them half of a surrogate pair.
pub(crate) fn is_bmp_text(content: &[u8]) -> bool {
    let (units, rest) = content.as_chunks::<2>();
    let is_character = |unit: &[u8; 2]| !(0xd8..=0xdf).contains(&unit[0]);
    rest.is_empty() && units.iter().all(is_character)
}

/// Whether a `UniversalString` is whole characters of Unicode.
pub(crate) fn is_universal_text(content: &[u8]) -> bool {
    let (units, rest) = content.as_chunks::<4>();
    let is_character = |unit: &[u8; 4]| char::from_u32(u32::from_be_bytes(*unit)).is_some();
    rest.is_empty() && units.iter().all(is_character)
}

/// Whether a universal tag has the wrong form: a simple type in pieces, which only BER has, or a SEQUENCE or
/// SET that is not made of elements. Numbers above 30 have no type that is read here.
pub(crate) fn is_of_wrong_form(tag: u8) -> bool {
    const UNIVERSAL: u8 = 0;
    let is_constructed = tag & tag::CONSTRUCTED != 0;
    let is_collection = matches!(tag | tag::CONSTRUCTED, tag::SEQUENCE | tag::SET);
    tag & 0xc0 == UNIVERSAL && is_constructed != is_collection || tag & tag::NUMBER == tag::NUMBER
}
