//! The key exchange on NIST's curves (RFC 8446, section 7.4.2; RFC 8422, section 5.10).
//!
//! By `RustCrypto`, whose curves are here for signatures anyway: ring lacks P-521, and its P-256 has a table of
//! 150 kB.

use std::fmt;
use std::marker::PhantomData;

use p521::elliptic_curve::ecdh::diffie_hellman;
use p521::elliptic_curve::point::PointCompression;
use p521::elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use p521::elliptic_curve::{AffinePoint, CurveArithmetic, FieldBytes, FieldBytesSize};
use p521::elliptic_curve::{PublicKey, SecretKey};
use ring::rand::{SecureRandom, SystemRandom};
use rustls::crypto::{ActiveKeyExchange, GetRandomFailed, SharedSecret, SupportedKxGroup};
use rustls::{Error, NamedGroup, PeerMisbehaved};

pub(super) static P256: OnCurve<p256::NistP256> = OnCurve::new(NamedGroup::secp256r1, 0xff);
pub(super) static P384: OnCurve<p384::NistP384> = OnCurve::new(NamedGroup::secp384r1, 0xff);
pub(super) static P521: OnCurve<p521::NistP521> = OnCurve::new(NamedGroup::secp521r1, 1);

/// A group whose elements are the points of a curve.
pub(super) struct OnCurve<C> {
    name: NamedGroup,
    /// The bits of a key's first byte: those of the order.
    first_byte: u8,
    curve: PhantomData<fn() -> C>,
}

impl<C> OnCurve<C> {
    const fn new(name: NamedGroup, first_byte: u8) -> Self {
        OnCurve {
            name,
            first_byte,
            curve: PhantomData,
        }
    }
}

impl<C> fmt::Debug for OnCurve<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

impl<C> SupportedKxGroup for OnCurve<C>
where
    C: CurveArithmetic + PointCompression,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let mut bytes = FieldBytes::<C>::default();
        // A number that is not below the order is one in four billion at most, and so are two in turn a fault.
        let secret = (0..2).find_map(|_| {
            SystemRandom::new().fill(&mut bytes).ok()?;
            bytes[0] &= self.first_byte;
            SecretKey::<C>::from_bytes(&bytes).ok()
        });
        let secret = secret.ok_or(GetRandomFailed)?;
        let public = secret.public_key().as_affine().to_uncompressed_point();
        Ok(Box::new(Exchange {
            group: self.name,
            public: public.to_vec(),
            secret,
        }))
    }

    fn name(&self) -> NamedGroup {
        self.name
    }
}

struct Exchange<C: CurveArithmetic> {
    group: NamedGroup,
    secret: SecretKey<C>,
    public: Vec<u8>,
}

impl<C> ActiveKeyExchange for Exchange<C>
where
    C: CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        /// Both coordinates follow, the only form in TLS 1.3 and the only one that is offered in TLS 1.2.
        const UNCOMPRESSED: u8 = 4;
        let key = Some(peer).filter(|peer| peer.first() == Some(&UNCOMPRESSED));
        let key = key.and_then(|key| PublicKey::<C>::from_sec1_bytes(key).ok());
        let key = key.ok_or(PeerMisbehaved::InvalidKeyShare)?;
        let shared = diffie_hellman(self.secret.to_nonzero_scalar(), key.as_affine());
        Ok(SharedSecret::from(&shared.raw_secret_bytes()[..]))
    }

    fn pub_key(&self) -> &[u8] {
        &self.public
    }

    fn group(&self) -> NamedGroup {
        self.group
    }
}
