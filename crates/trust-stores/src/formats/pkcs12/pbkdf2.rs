//! `PBES2-params` and `PBMAC1-params` (RFC 8018, appendix A): a key by PBKDF2 or scrypt, and what it is for.

use std::borrow::Cow;

use super::decode::{damaged, iterations_of, too_much_work, unknown_algorithm};
use super::hash::Hash;
use crate::asn1::primitive::unsigned;
use crate::asn1::{BerElement, tag};
use crate::cert::{Oid, oid};
use crate::formats::Problem;
use crate::formats::derivation_budget::{DerivationBudget, OverBudget};

/// More than the key of any cipher or MAC.
const LONGEST_KEY: u32 = 256;

/// `AlgorithmIdentifier`: an algorithm with its parameters.
#[derive(Clone, Copy)]
pub(super) struct Algorithm<'a> {
    pub(super) id: Oid<'a>,
    pub(super) parameters: Option<BerElement<'a>>,
}

impl<'a> Algorithm<'a> {
    pub(super) fn read(element: BerElement<'a>) -> Option<Self> {
        let fields = element.sequence().ok()?;
        Some(Algorithm {
            id: fields.first()?.identifier()?,
            parameters: fields.get(1).copied(),
        })
    }

    /// The two algorithms that the parameters of PBES2 and PBMAC1 are: how the key is derived, and what for.
    pub(super) fn pair(&self) -> Option<[Algorithm<'a>; 2]> {
        let fields = self.parameters?.sequence().ok()?;
        let algorithms: Vec<_> = fields
            .into_iter()
            .map(Algorithm::read)
            .collect::<Option<_>>()?;
        algorithms.try_into().ok()
    }
}

/// How a key is derived from a password.
pub(super) struct Derivation<'a> {
    salt: Cow<'a, [u8]>,
    /// The length of the key, if the parameters say it.
    pub(super) key_length: Option<usize>,
    function: Function,
}

enum Function {
    Pbkdf2 { hash: Hash, iterations: u32 },
    Scrypt { parameters: scrypt::Params },
}

impl<'a> Derivation<'a> {
    pub(super) fn read(algorithm: Algorithm<'a>) -> Result<Self, Problem> {
        let fields = algorithm
            .parameters
            .and_then(|fields| fields.sequence().ok());
        let fields = fields.ok_or_else(damaged)?;
        let (salt, fields) = fields.split_first().ok_or_else(damaged)?;
        let salt = salt.octets().map_err(|_| damaged())?;
        match algorithm.id {
            oid::PBKDF2 => Derivation::pbkdf2(salt, fields),
            oid::SCRYPT => Derivation::scrypt(salt, fields),
            other => Err(unknown_algorithm(other)),
        }
    }

    /// `{ iterationCount, keyLength OPTIONAL, prf DEFAULT hmacWithSHA1 }`
    fn pbkdf2(salt: Cow<'a, [u8]>, fields: &[BerElement<'a>]) -> Result<Self, Problem> {
        let (iterations, mut fields) = fields.split_first().ok_or_else(damaged)?;
        let mut key_length = None;
        if let [length, rest @ ..] = fields
            && length.tag == tag::INTEGER
        {
            key_length = Some(key_length_of(*length)?);
            fields = rest;
        }
        let hash = match fields {
            [] => Hash::SHA_1,
            [prf, ..] => {
                let prf = Algorithm::read(*prf).ok_or_else(damaged)?;
                Hash::of_hmac(prf.id).ok_or_else(|| unknown_algorithm(prf.id))?
            }
        };
        Ok(Derivation {
            salt,
            key_length,
            function: Function::Pbkdf2 {
                hash,
                iterations: iterations_of(*iterations)?,
            },
        })
    }

    /// `{ costParameter, blockSize, parallelizationParameter, keyLength OPTIONAL }` (RFC 7914, section 7)
    fn scrypt(salt: Cow<'a, [u8]>, fields: &[BerElement<'a>]) -> Result<Self, Problem> {
        let [cost, block_size, parallelization, key_length @ ..] = fields else {
            return Err(damaged());
        };
        let number = |field: &BerElement<'_>| unsigned(field.content).ok_or_else(damaged);
        let (cost, block_size) = (number(cost)?, number(block_size)?);
        if cost == u32::MAX {
            return Err(too_much_work(OverBudget::Store));
        }
        if !cost.is_power_of_two() {
            return Err(damaged());
        }
        let log_n = u8::try_from(cost.ilog2()).map_err(|_| damaged())?;
        let parameters = scrypt::Params::new(log_n, block_size, number(parallelization)?);
        Ok(Derivation {
            salt,
            key_length: key_length
                .first()
                .map(|length| key_length_of(*length))
                .transpose()?,
            function: Function::Scrypt {
                parameters: parameters.map_err(|_| damaged())?,
            },
        })
    }

    /// A key of `length` bytes.
    pub(super) fn derive(
        &self,
        password: &[u8],
        length: usize,
        budget: &DerivationBudget,
    ) -> Result<Vec<u8>, OverBudget> {
        let mut key = vec![0; length];
        match &self.function {
            Function::Pbkdf2 { hash, iterations } => {
                // HMAC hashes two blocks for each round, and each block of the key takes all of the rounds.
                let blocks = length.div_ceil(hash.length) as u64;
                budget.spend(*iterations, 2 * hash.round * blocks)?;
                hash.pbkdf2(password, &self.salt, *iterations, &mut key);
            }
            Function::Scrypt { parameters } => {
                budget.spend_on_scrypt(parameters)?;
                let done = scrypt::scrypt(password, &self.salt, parameters, &mut key);
                done.map_err(|_| OverBudget::Store)?;
            }
        }
        Ok(key)
    }
}

fn key_length_of(element: BerElement<'_>) -> Result<usize, Problem> {
    let length = unsigned(element.content).filter(|length| (1..=LONGEST_KEY).contains(length));
    length
        .and_then(|length| usize::try_from(length).ok())
        .ok_or_else(damaged)
}
