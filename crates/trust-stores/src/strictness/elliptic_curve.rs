//! Elliptic-curve keys (RFC 5480) as the JVM reads them: `sun.security.util.ECParameters` and `ECUtil`.

use super::Reason;
use crate::asn1::{Element, tag};
use crate::cert::Oid;

/// Why a JVM refuses a key on a curve, if one does: it takes a curve that it knows by name, and a point
/// that is not compressed, whether it is on the curve or not. One that does not know the curve refuses the
/// certificate, and with it the store.
pub(super) fn elliptic_curve(point: &[u8], curve: Option<Element<'_>>) -> Result<(), Reason> {
    let Some(curve) = curve else {
        return Err("its key does not name its curve".into());
    };
    if curve.tag != tag::OBJECT_IDENTIFIER {
        return Err("its key has explicit curve parameters".into());
    }
    let Some(length) = field_length(Oid(curve.content)) else {
        let curve = Oid(curve.content);
        return Err(format!("its key is on the curve {curve}, which no JVM knows").into());
    };
    if point.first() == Some(&4) && point.len() == 1 + 2 * length {
        Ok(())
    } else {
        Err("its key is a point that is compressed or cut short".into())
    }
}

/// How many bytes a coordinate has on the curves of `sun.security.util.CurveDB` that JDK 8 to 25 know:
/// those over prime fields. Binary ones (sect…, c2tnb…) are not here: no CA has one.
fn field_length(curve: Oid<'_>) -> Option<usize> {
    // secp112r1 and its kin (SEC 2), prime192v1 and its kin (X9.62), brainpool (RFC 5639).
    Some(match curve.0 {
        [0x2b, 0x81, 4, 0, number] => match number {
            6 | 7 => 14,
            28 | 29 => 16,
            8 | 9 | 30 => 20,
            31 => 24,
            32 | 33 => 28,
            10 => 32,
            34 => 48,
            35 => 66,
            _ => return None,
        },
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, number] => match number {
            1..=3 => 24,
            4..=6 => 30,
            7 => 32,
            _ => return None,
        },
        [0x2b, 0x24, 3, 3, 2, 8, 1, 1, number] => match number {
            1 => 20,
            3 => 24,
            5 => 28,
            7 => 32,
            9 => 40,
            11 => 48,
            13 => 64,
            _ => return None,
        },
        _ => return None,
    })
}
