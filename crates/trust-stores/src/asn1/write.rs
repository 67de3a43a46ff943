//! DER within DER, written in one pass: lengths are computed first, so each byte is written once, and none is
//! kept. A buffer for each layer would copy it as often as it is wrapped, and a PKCS#12 store is wrapped seven
//! deep.

use std::io;

use der::{Encode, EncodeValue, FixedTag, Length, Tag, TagNumber, Tagged, Writer};
use sha2::digest::Update;

use super::oid::Oid;

/// Appends to a vector. The writers of `der` would fill the space with zeros first.
pub(crate) struct AppendTo<'a>(pub(crate) &'a mut Vec<u8>);

impl Writer for AppendTo<'_> {
    fn write(&mut self, bytes: &[u8]) -> der::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn write_byte(&mut self, byte: u8) -> der::Result<()> {
        self.0.push(byte);
        Ok(())
    }
}

/// Writes DER to a stream. The writers of `der` would forget which error of the system ended it.
struct ToStream<'a, W> {
    out: &'a mut W,
    error: Option<io::Error>,
}

impl<W: io::Write> Writer for ToStream<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> der::Result<()> {
        self.out.write_all(bytes).map_err(|error| {
            self.error = Some(error);
            der::ErrorKind::Failed.into()
        })
    }
}

/// Any writer, so that what is long to encode is compiled once and not for each: 100 kB for a PKCS#12 store.
pub(crate) struct AnyWriter<'a>(pub(crate) &'a mut dyn Writer);

impl Writer for AnyWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> der::Result<()> {
        self.0.write(bytes)
    }

    fn write_byte(&mut self, byte: u8) -> der::Result<()> {
        self.0.write_byte(byte)
    }
}

/// Writes the DER of `element` to `out`.
pub(crate) fn write_to(out: &mut impl io::Write, element: &impl Encode) -> io::Result<()> {
    let mut writer = ToStream { out, error: None };
    let encoded = element.encode(&mut AnyWriter(&mut writer));
    encoded.map_err(|error| writer.error.unwrap_or_else(|| io::Error::other(error)))
}

/// Has `digest` absorb the DER that is written to it.
pub(crate) struct DigestOf<D>(pub(crate) D);

impl<D: Update> Writer for DigestOf<D> {
    fn write(&mut self, bytes: &[u8]) -> der::Result<()> {
        self.0.update(bytes);
        Ok(())
    }
}

/// Appends an element with the given identifier octets.
pub(crate) fn push(out: &mut Vec<u8>, identifier: &[u8], content: &[u8]) -> der::Result<()> {
    out.extend_from_slice(identifier);
    Length::try_from(content.len())?.encode(&mut AppendTo(out))?;
    out.extend_from_slice(content);
    Ok(())
}

/// Appends an element whose content `append` appends. So there is no other buffer for the content, though its
/// length is known only afterwards.
pub(crate) fn push_around(
    out: &mut Vec<u8>,
    identifier: u8,
    append: impl FnOnce(&mut Vec<u8>) -> der::Result<()>,
) -> der::Result<()> {
    // Nearly every length is below 128, which is one octet.
    out.extend([identifier, 0]);
    let start = out.len();
    append(out)?;
    let length = out.len() - start;
    match u8::try_from(length) {
        Ok(length @ 0..=0x7f) => out[start - 1] = length,
        _ => drop(out.splice(start - 1..start, Length::try_from(length)?.to_der()?)),
    }
    Ok(())
}

impl FixedTag for Oid<'_> {
    const TAG: Tag = Tag::ObjectIdentifier;
}

impl EncodeValue for Oid<'_> {
    fn value_len(&self) -> der::Result<Length> {
        Length::try_from(self.0.len())
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        writer.write(self.0)
    }
}

/// An element whose content is another's DER.
pub(crate) struct Wrapped<T> {
    pub(crate) tag: Tag,
    pub(crate) content: T,
}

impl<T> Tagged for Wrapped<T> {
    fn tag(&self) -> Tag {
        self.tag
    }
}

impl<T: Encode> EncodeValue for Wrapped<T> {
    fn value_len(&self) -> der::Result<Length> {
        self.content.encoded_len()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        self.content.encode(writer)
    }
}

/// An element that is only borrowed.
pub(crate) struct By<'a, T>(pub(crate) &'a T);

impl<T: Encode> Encode for By<'_, T> {
    fn encoded_len(&self) -> der::Result<Length> {
        self.0.encoded_len()
    }

    fn encode(&self, writer: &mut impl Writer) -> der::Result<()> {
        self.0.encode(writer)
    }
}

/// One element and the next.
pub(crate) struct Pair<A, B>(pub(crate) A, pub(crate) B);

impl<A: Encode, B: Encode> Encode for Pair<A, B> {
    fn encoded_len(&self) -> der::Result<Length> {
        self.0.encoded_len()? + self.1.encoded_len()?
    }

    fn encode(&self, writer: &mut impl Writer) -> der::Result<()> {
        self.0.encode(writer)?;
        self.1.encode(writer)
    }
}

pub(crate) fn sequence<T: Encode>(content: T) -> Wrapped<T> {
    Wrapped {
        tag: Tag::Sequence,
        content,
    }
}

pub(crate) fn set<T: Encode>(content: T) -> Wrapped<T> {
    Wrapped {
        tag: Tag::Set,
        content,
    }
}

pub(crate) fn octets<T: Encode>(content: T) -> Wrapped<T> {
    Wrapped {
        tag: Tag::OctetString,
        content,
    }
}

/// `[number] EXPLICIT content`.
pub(crate) fn explicit<T: Encode>(number: u32, content: T) -> Wrapped<T> {
    Wrapped {
        tag: Tag::ContextSpecific {
            constructed: true,
            number: TagNumber(number),
        },
        content,
    }
}

#[cfg(test)]
mod tests {
    use super::{push, push_around};

    #[test]
    fn a_length_that_is_known_afterwards_is_that_of_the_content() {
        for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x1_0000] {
            let content = vec![7; length];
            let (mut expected, mut pushed) = (b"before".to_vec(), b"before".to_vec());
            push(&mut expected, &[0x30], &content).unwrap();
            push_around(&mut pushed, 0x30, |out| {
                out.extend(&content);
                Ok(())
            })
            .unwrap();
            assert_eq!(pushed, expected, "{length} bytes");
        }
    }
}
