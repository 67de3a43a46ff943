//! What the certificates that a server presents are to each other: which one issued which, and which
//! are of no use.

use trust_stores::Certificate;

use crate::path::may_have_signed;

/// More issuers than any chain has: a server may not choose how long we search.
const MAX_ISSUERS: usize = 20;

/// What one certificate is among those that a server presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The first: the server's own.
    Server,
    /// It issued the one at this index, which belongs to the chain.
    IssuerOf(usize),
    /// It is self-signed and issued the one at this index. Clients use the copy in their own store,
    /// so a server need not send it (RFC 8446, section 4.4.2).
    RootOf(usize),
    /// It is the one at this index once more.
    CopyOf(usize),
    /// It issued none of the others that belong to the chain.
    Unrelated,
}

impl Place {
    /// Whether every client would answer alike without it.
    pub fn is_superfluous(self) -> bool {
        matches!(self, Place::RootOf(_) | Place::CopyOf(_) | Place::Unrelated)
    }
}

/// The places of the certificates of a chain, in its order.
pub fn places(chain: &[Certificate]) -> Vec<Place> {
    let mut places: Vec<Place> = vec![Place::Unrelated; chain.len()];
    if let Some(first) = places.first_mut() {
        *first = Place::Server;
    }
    let mut found = vec![0];
    let mut next = 0;
    while let Some(child) = found.get(next).copied().filter(|_| next < MAX_ISSUERS) {
        next += 1;
        for (index, one) in chain.iter().enumerate() {
            if places[index] != Place::Unrelated || !may_have_signed(one, &chain[child]) {
                continue;
            }
            if one.is_self_signed() {
                places[index] = Place::RootOf(child);
            } else {
                places[index] = Place::IssuerOf(child);
                found.push(index);
            }
        }
    }
    for (index, one) in chain.iter().enumerate().skip(1) {
        let mut before = chain[..index].iter();
        if let Some(first) = before.position(|other| other.fingerprint() == one.fingerprint()) {
            places[index] = Place::CopyOf(first);
        }
    }
    places
}

/// Whether each certificate of the chain directly issued the one before it (RFC 5246, section
/// 7.4.2). Clients put others in order; some programs do not.
pub fn is_in_order(places: &[Place]) -> bool {
    let mut rest = places.iter().enumerate().skip(1);
    rest.all(|(index, place)| match place {
        Place::IssuerOf(child) | Place::RootOf(child) => child + 1 == index,
        Place::Server | Place::CopyOf(_) | Place::Unrelated => true,
    })
}
