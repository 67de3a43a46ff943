//! RC4, which `openssl pkcs12 -legacy` and the JDK still read stores with. By hand: it is ten lines, which a
//! crate would not make safer. Nothing is written with it.

/// `content` encrypted or decrypted, which is the same.
pub(super) fn apply(key: &[u8], content: &[u8]) -> Vec<u8> {
    let mut state: [u8; 256] = std::array::from_fn(|index| u8::try_from(index).unwrap_or_default());
    let mut j = 0_u8;
    for (i, key) in (0..256).zip(key.iter().cycle()) {
        j = j.wrapping_add(state[i]).wrapping_add(*key);
        state.swap(i, usize::from(j));
    }
    let (mut i, mut j) = (0_u8, 0_u8);
    let apply = |byte: &u8| {
        i = i.wrapping_add(1);
        j = j.wrapping_add(state[usize::from(i)]);
        state.swap(usize::from(i), usize::from(j));
        let sum = state[usize::from(i)].wrapping_add(state[usize::from(j)]);
        byte ^ state[usize::from(sum)]
    };
    content.iter().map(apply).collect()
}

#[cfg(test)]
mod tests {
    use super::apply;

    /// From RFC 6229, section 2: the key streams of 40 and 128 bits.
    #[test]
    fn streams_are_those_of_rfc_6229() {
        for (key, stream) in [
            (&[1, 2, 3, 4, 5][..], "b2396305f03dc027ccc3524a0a1118a8"),
            (
                &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
                "9ac7cc9a609d1ef7b2932899cde41b97",
            ),
        ] {
            assert_eq!(crate::hex::encode(&apply(key, &[0; 16])), stream);
        }
    }
}
