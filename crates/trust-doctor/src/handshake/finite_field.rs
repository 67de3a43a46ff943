//! Diffie-Hellman in finite fields. What is computed here protects nothing: a handshake proves that the
//! server has a key, and then the connection ends.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use ring::rand::{SecureRandom, SystemRandom};
use rustls::crypto::{ActiveKeyExchange, GetRandomFailed, SharedSecret, SupportedKxGroup};
use rustls::ffdhe_groups::{self, FfdheGroup};
use rustls::{Error, NamedGroup, PeerMisbehaved, ProtocolVersion};

/// A group of numbers modulo a prime, with the generator 2.
#[derive(Debug)]
pub(super) struct Group {
    /// Its name in TLS 1.3 and RFC 7919. Without one, a server of TLS 1.2 may still choose it.
    name: Option<NamedGroup>,
    numbers: FfdheGroup<'static>,
}

/// Those of RFC 7919 that OpenSSL and the JVM offer and that are not too slow, then those of RFC 3526
/// that OpenSSL's servers choose by themselves (`ssl_get_auto_dh`).
pub(super) const GROUPS: [&dyn SupportedKxGroup; 6] = [
    &Group::named(NamedGroup::FFDHE2048, ffdhe_groups::FFDHE2048),
    &Group::named(NamedGroup::FFDHE3072, ffdhe_groups::FFDHE3072),
    &Group::named(NamedGroup::FFDHE4096, ffdhe_groups::FFDHE4096),
    &Group::unnamed(&MODP_2048),
    &Group::unnamed(&MODP_3072),
    &Group::unnamed(&MODP_4096),
];

/// The length of a private exponent: twice the strength of the largest group, and more (RFC 7919,
/// section 5.2).
const EXPONENT_LENGTH: usize = 48;

impl Group {
    const fn named(name: NamedGroup, numbers: FfdheGroup<'static>) -> Self {
        Group {
            name: Some(name),
            numbers,
        }
    }

    const fn unnamed(prime: &'static [u8]) -> Self {
        Group {
            name: None,
            numbers: FfdheGroup { p: prime, g: &[2] },
        }
    }

    /// The base to the power of the exponent, as long as the prime.
    fn power(&self, base: &[u8], exponent: &[u8]) -> Option<Vec<u8>> {
        let prime = Odd::new(BoxedUint::from_be_slice_vartime(self.numbers.p)).into_option()?;
        let base = BoxedUint::from_be_slice(base, prime.bits_precision()).ok()?;
        let exponent = BoxedUint::from_be_slice_vartime(exponent);
        let parameters = BoxedMontyParams::new_vartime(prime);
        let power = BoxedMontyForm::new(base, &parameters).pow(&exponent);
        Some(power.retrieve().to_be_bytes().into_vec())
    }

    /// Whether a server's number is above 1 and below the prime less 1 (RFC 7919, section 5.1).
    fn contains(&self, number: &[u8]) -> bool {
        let [prime, number] = [self.numbers.p, number].map(BoxedUint::from_be_slice_vartime);
        let one = BoxedUint::one();
        number > one && number < prime.wrapping_sub(&one)
    }
}

impl SupportedKxGroup for Group {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let mut exponent = [0; EXPONENT_LENGTH];
        let random = SystemRandom::new().fill(&mut exponent);
        random.map_err(|_| Error::from(GetRandomFailed))?;
        let group = Group {
            name: self.name,
            numbers: self.numbers,
        };
        let public = group.power(group.numbers.g, &exponent);
        let public = public.ok_or_else(|| Error::General("no odd prime".into()))?;
        Ok(Box::new(Exchange {
            group,
            exponent,
            public,
        }))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        Some(self.numbers)
    }

    fn name(&self) -> NamedGroup {
        // The first number for private use (RFC 7919, section 2); never sent.
        self.name.unwrap_or(NamedGroup::Unknown(0x01fc))
    }

    fn usable_for_version(&self, _: ProtocolVersion) -> bool {
        // Offered, that is. What a server of TLS 1.2 chose is looked up by its numbers.
        self.name.is_some()
    }
}

struct Exchange {
    group: Group,
    exponent: [u8; EXPONENT_LENGTH],
    public: Vec<u8>,
}

impl ActiveKeyExchange for Exchange {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        let power = self.group.power(peer, &self.exponent);
        let secret = power.filter(|_| self.group.contains(peer));
        let secret = secret.ok_or(PeerMisbehaved::InvalidKeyShare)?;
        Ok(SharedSecret::from(secret))
    }

    fn pub_key(&self) -> &[u8] {
        &self.public
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        Some(self.group.numbers)
    }

    fn group(&self) -> NamedGroup {
        self.group.name()
    }
}

/// The bytes of hexadecimal digits in upper case.
const fn bytes<const LENGTH: usize>(digits: &[u8]) -> [u8; LENGTH] {
    const fn value(digit: u8) -> u8 {
        if digit <= b'9' {
            digit - b'0'
        } else {
            digit - b'A' + 10
        }
    }
    let mut bytes = [0; LENGTH];
    let mut index = 0;
    while index < LENGTH {
        bytes[index] = value(digits[2 * index]) << 4 | value(digits[2 * index + 1]);
        index += 1;
    }
    bytes
}

/// The 2048-bit prime of RFC 3526.
const MODP_2048: [u8; 256] = bytes(
    b"\
     FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
     EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
     EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F\
     83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B\
     E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510\
     15728E5A8AACAA68FFFFFFFFFFFFFFFF",
);

/// The 3072-bit prime of RFC 3526.
const MODP_3072: [u8; 384] = bytes(
    b"\
     FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
     EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
     EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F\
     83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B\
     E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510\
     15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7\
     ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C\
     BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
);

/// The 4096-bit prime of RFC 3526.
const MODP_4096: [u8; 512] = bytes(
    b"\
     FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
     EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
     EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F\
     83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B\
     E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510\
     15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7\
     ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C\
     BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A92108011A723C12A787E6D7\
     88719A10BDBA5B2699C327186AF4E23C1A946834B6150BDA2583E9CA2AD44CE8DBBBC2DB04DE8EF92E8EFC141FBECAA6\
     287C59474E6BC05D99B2964FA090C3A2233BA186515BE7ED1F612970CEE2D7AFB81BDD762170481CD0069127D5B05AA9\
     93B4EA988D8FDDC186FFB7DC90A6C08F4DF435C934063199FFFFFFFFFFFFFFFF",
);
