//! `EncryptedData`: the encrypted safes of a store, with a limit on what key derivation may cost.

use der::Decode as _;
use pkcs5::pbes2::{self, Pbkdf2Prf};

use super::decode::{
    Candidate, WRONG_PASSWORD, damaged, iterations_of, too_much_work, unknown_algorithm,
};
use super::legacy::Scheme;
use crate::asn1::{Element, tag};
use crate::cert::{Oid, oid};
use crate::formats::Problem;

/// The memory that scrypt may take.
const MAX_SCRYPT_MEMORY: u64 = 32 << 20;

/// What the key derivations of one store may still cost, in rounds of a hash.
pub(super) struct Budget(u64);

impl Default for Budget {
    /// Under a second. The largest counts in use need about half of it (600,000 iterations of
    /// PBKDF2-HMAC-SHA-256).
    fn default() -> Self {
        Budget(2_500_000)
    }
}

impl Budget {
    /// Pays for `iterations` of a derivation, each of `rounds` of a hash.
    pub(super) fn spend(&mut self, iterations: u32, rounds: u64) -> Result<(), Problem> {
        let cost = u64::from(iterations).saturating_mul(rounds);
        self.0 = self.0.checked_sub(cost).ok_or_else(too_much_work)?;
        Ok(())
    }
}

/// The content of `EncryptedData`, decrypted.
pub(super) fn decrypt(
    data: Element<'_>,
    candidate: &Candidate,
    budget: &mut Budget,
) -> Result<Vec<u8>, Problem> {
    let EncryptedContent {
        algorithm,
        parameters,
        content,
    } = EncryptedContent::read(data).ok_or_else(damaged)?;
    if algorithm == oid::PBES2 {
        return decrypt_pbes2(parameters, &content, candidate, budget);
    }
    let scheme = Scheme::of(algorithm).ok_or_else(|| unknown_algorithm(algorithm))?;
    let fields = parameters.sequence().ok_or_else(damaged)?;
    let [salt, iterations] = fields[..] else {
        return Err(damaged());
    };
    let salt = salt.octets().ok_or_else(damaged)?;
    let iterations = iterations_of(iterations)?;
    budget.spend(iterations, scheme.rounds())?;
    scheme
        .decrypt(&candidate.utf16, salt, iterations, &content)
        .ok_or(WRONG_PASSWORD)
}

/// `EncryptedContentInfo`, which `EncryptedData` consists of but for its version.
struct EncryptedContent<'a> {
    algorithm: Oid<'a>,
    parameters: Element<'a>,
    content: Vec<u8>,
}

impl<'a> EncryptedContent<'a> {
    fn read(data: Element<'a>) -> Option<Self> {
        let info = *data.sequence()?.get(1)?;
        let [_kind, algorithm, content] = info.sequence()?.try_into().ok()?;
        let [algorithm, parameters] = algorithm.sequence()?.try_into().ok()?;
        Some(EncryptedContent {
            algorithm: algorithm.identifier()?,
            parameters,
            content: implicit_octets(content)?,
        })
    }
}

/// The content of `[0] IMPLICIT OCTET STRING`, which is in pieces if the writer streamed it.
fn implicit_octets(element: Element<'_>) -> Option<Vec<u8>> {
    if element.tag & tag::CONSTRUCTED == 0 {
        return Some(element.content.to_vec());
    }
    let pieces = element.children()?;
    Some(
        pieces
            .iter()
            .flat_map(|piece| piece.content)
            .copied()
            .collect(),
    )
}

fn decrypt_pbes2(
    parameters: Element<'_>,
    content: &[u8],
    candidate: &Candidate,
    budget: &mut Budget,
) -> Result<Vec<u8>, Problem> {
    let Ok(parameters) = pbes2::Parameters::from_der(parameters.encoded) else {
        return Err(unknown_algorithm(
            cipher_of(parameters).unwrap_or(oid::PBES2),
        ));
    };
    match &parameters.kdf {
        pbes2::Kdf::Pbkdf2(kdf) => {
            if kdf.iteration_count == 0 {
                return Err(damaged());
            }
            // HMAC hashes twice, and a key of 32 bytes takes two blocks of the shorter hashes.
            let is_short = matches!(kdf.prf, Pbkdf2Prf::HmacWithSha1 | Pbkdf2Prf::HmacWithSha224);
            budget.spend(kdf.iteration_count, if is_short { 4 } else { 2 })?;
        }
        pbes2::Kdf::Scrypt(kdf) => {
            let memory = kdf
                .cost_parameter
                .saturating_mul(u64::from(kdf.block_size))
                .saturating_mul(128);
            if memory > MAX_SCRYPT_MEMORY || kdf.parallelization > 4 {
                return Err(too_much_work());
            }
            // A kilobyte costs less than eight rounds of SHA-256.
            let kilobytes = u32::try_from(memory >> 10).unwrap_or(u32::MAX);
            budget.spend(kilobytes, 8 * u64::from(kdf.parallelization))?;
        }
        _ => return Err(unknown_algorithm(oid::PBES2)),
    }
    parameters
        .decrypt(&candidate.utf8, content)
        .map_err(|_| WRONG_PASSWORD)
}

/// The cipher that PBES2's parameters name.
fn cipher_of(parameters: Element<'_>) -> Option<Oid<'_>> {
    let scheme = *parameters.sequence()?.get(1)?;
    scheme.sequence()?.first()?.identifier()
}
