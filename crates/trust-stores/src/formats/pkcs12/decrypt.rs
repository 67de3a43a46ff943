//! `EncryptedData`: the encrypted safes of a store.

use std::borrow::Cow;

use super::cipher::Cipher;
use super::decode::{
    Candidate, WRONG_PASSWORD, damaged, iterations_of, too_much_work, unknown_algorithm,
};
use super::hash::Hash;
use super::kdf::{Purpose, derive_key};
use super::pbkdf2::{Algorithm, Derivation};
use crate::asn1::BerElement;
use crate::cert::oid;
use crate::formats::Problem;
use crate::formats::derivation_budget::DerivationBudget;

/// `EncryptedData`: `SEQUENCE { version, EncryptedContentInfo, [1] attributes OPTIONAL }`.
pub(super) struct EncryptedData<'a> {
    pub(super) algorithm: Algorithm<'a>,
    content: Cow<'a, [u8]>,
    /// The fields that are no part of it.
    pub(super) unread: Vec<BerElement<'a>>,
}

impl<'a> EncryptedData<'a> {
    pub(super) fn read(data: BerElement<'a>) -> Option<Self> {
        let fields = data.sequence().ok()?;
        let [version, info, more @ ..] = &fields[..] else {
            return None;
        };
        let info = info.sequence().ok()?;
        // EncryptedContentInfo: SEQUENCE { type, algorithm, [0] IMPLICIT OCTET STRING }
        let [_kind, algorithm, content, rest @ ..] = &info[..] else {
            return None;
        };
        Some(EncryptedData {
            algorithm: Algorithm::read(*algorithm)?,
            content: content.string().ok()?,
            unread: [&[*version, *algorithm], more, rest].concat(),
        })
    }

    /// What is in it, under the password `candidate`.
    pub(super) fn decrypt(
        &self,
        candidate: &Candidate,
        budget: &DerivationBudget,
    ) -> Result<Vec<u8>, Problem> {
        let plain = if self.algorithm.id == oid::PBES2 {
            self.decrypt_pbes2(candidate, budget)?
        } else {
            self.decrypt_pkcs12(candidate, budget)?
        };
        plain.ok_or(WRONG_PASSWORD)
    }

    fn decrypt_pbes2(
        &self,
        candidate: &Candidate,
        budget: &DerivationBudget,
    ) -> Result<Option<Vec<u8>>, Problem> {
        let [derivation, encryption] = self.algorithm.pair().ok_or_else(damaged)?;
        let cipher = Cipher::of_pbes2(encryption.id);
        let cipher = cipher.ok_or_else(|| unknown_algorithm(encryption.id))?;
        let derivation = Derivation::read(derivation)?;
        if derivation
            .key_length
            .is_some_and(|length| length != cipher.key_length)
        {
            return Err(damaged());
        }
        let iv = encryption.parameters.and_then(|iv| iv.octets().ok());
        let iv = iv
            .filter(|iv| iv.len() == cipher.iv_length)
            .ok_or_else(damaged)?;
        let key = derivation.derive(&candidate.utf8, cipher.key_length, budget);
        Ok(cipher.decrypt(&key.map_err(too_much_work)?, &iv, &self.content))
    }

    /// `pkcs-12PbeParams`: `SEQUENCE { salt, iterations }`.
    fn decrypt_pkcs12(
        &self,
        candidate: &Candidate,
        budget: &DerivationBudget,
    ) -> Result<Option<Vec<u8>>, Problem> {
        let id = self.algorithm.id;
        let cipher = Cipher::of_pkcs12(id).ok_or_else(|| unknown_algorithm(id))?;
        let fields = self
            .algorithm
            .parameters
            .and_then(|fields| fields.sequence().ok());
        let [salt, iterations] = fields.as_deref().unwrap_or_default() else {
            return Err(damaged());
        };
        let salt = salt.octets().map_err(|_| damaged())?;
        let iterations = iterations_of(*iterations)?;
        let derive = |purpose, length: usize| {
            let hashes = length.div_ceil(Hash::SHA_1.length) as u64;
            budget
                .spend(iterations, hashes * Hash::SHA_1.round)
                .map_err(too_much_work)?;
            let key = derive_key(
                Hash::SHA_1,
                &candidate.utf16,
                &salt,
                purpose,
                iterations,
                length,
            );
            Ok::<_, Problem>(key)
        };
        let key = derive(Purpose::Encryption, cipher.key_length)?;
        let iv = match cipher.iv_length {
            0 => Vec::new(),
            length => derive(Purpose::InitializationVector, length)?,
        };
        Ok(cipher.decrypt(&key, &iv, &self.content))
    }
}
