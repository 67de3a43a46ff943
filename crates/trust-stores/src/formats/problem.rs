//! Why a section of a source is not a certificate that can be taken, and what to do about it.

use std::fmt;

use super::SourceFormat;
use super::private_key::Kind;
use crate::asn1::Fault;
use crate::cert::NotACertificate;

/// Why a section holds no usable certificate. No byte of a private key or password is ever in it.
///
/// `Display` gives the finding in one line, [`Problem::hint`] the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The section cannot be read as a certificate: damaged, cut short, or something else.
    Malformed {
        /// What is wrong with it.
        message: String,
        /// What to do about it, where that is known.
        hint: Option<Hint>,
    },
    /// The section is something else that is no secret, and that readers of certificates pass over: a
    /// revocation list, a public key, parameters. No certificate is missing because of it.
    NotACertificate {
        /// What it is.
        kind: String,
    },
    /// The section is a private or secret key, which is never decoded.
    PrivateKey {
        /// Its PEM label, the structure of its DER, or the kind of store entry.
        kind: String,
        /// How to get rid of it.
        hint: Hint,
    },
    /// A store that can be read holds no certificate, or only those that were skipped.
    EmptyStore(SourceFormat),
    /// A PKCS#12 store is encrypted. No password was given, and the usual ones do not open it.
    NeedsPassword,
    /// The password that was given does not open the store, or the store is damaged.
    WrongPassword(SourceFormat),
    /// Nor does any other password that a caller tried.
    WrongPasswords {
        /// Which passwords do not open it.
        message: String,
        /// What to do about it.
        hint: Hint,
    },
    /// More problems of one kind, after so many that these are not listed one by one.
    Unlisted {
        /// Of which kind.
        kind: ProblemKind,
        /// How many.
        count: usize,
    },
}

/// What a [`Problem`] is about, as far as the rules tell problems apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// A section that cannot be read as a certificate.
    Malformed,
    /// Something else that is no secret, and that readers of certificates pass over.
    NotACertificate,
    /// A private or secret key.
    PrivateKey,
    /// A store that is encrypted, and that no password opens which was given or is usual.
    WrongPassword,
}

impl ProblemKind {
    /// Every kind.
    pub const ALL: [ProblemKind; 4] = [
        ProblemKind::Malformed,
        ProblemKind::NotACertificate,
        ProblemKind::PrivateKey,
        ProblemKind::WrongPassword,
    ];
}

impl Problem {
    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<Hint> {
        match self {
            Problem::Malformed { hint, .. } => *hint,
            Problem::NotACertificate { .. } => Some(Hint::Text(
                "remove it: a bundle of trust anchors holds only certificates",
            )),
            Problem::PrivateKey { hint, .. } | Problem::WrongPasswords { hint, .. } => Some(*hint),
            Problem::EmptyStore(SourceFormat::Jks) => Some(Hint::Text(
                "see what is in it with: keytool -list -keystore FILE",
            )),
            Problem::EmptyStore(_) => Some(Hint::Text(
                "see what is in it with: openssl pkcs12 -info -nokeys -in FILE",
            )),
            Problem::NeedsPassword => Some(Hint::GivePassword),
            Problem::WrongPassword(format) => Some(Hint::CheckPassword(*format)),
            Problem::Unlisted { .. } => None,
        }
    }

    /// What it is about.
    pub fn kind(&self) -> ProblemKind {
        match self {
            Problem::PrivateKey { .. } => ProblemKind::PrivateKey,
            Problem::NotACertificate { .. } => ProblemKind::NotACertificate,
            Problem::NeedsPassword | Problem::WrongPassword(_) | Problem::WrongPasswords { .. } => {
                ProblemKind::WrongPassword
            }
            Problem::Unlisted { kind, .. } => *kind,
            Problem::Malformed { .. } | Problem::EmptyStore(_) => ProblemKind::Malformed,
        }
    }

    /// A private key in PEM or DER, where it is the whole section.
    pub(super) fn private_key(kind: Kind) -> Self {
        Problem::PrivateKey {
            kind: kind.to_string(),
            hint: Hint::RemoveKey,
        }
    }

    /// A key in a store, which can hold certificates too.
    pub(super) fn key_entry(kind: &str) -> Self {
        Problem::PrivateKey {
            kind: kind.to_owned(),
            hint: Hint::SkipKeys,
        }
    }

    pub(super) fn revocation_list() -> Self {
        Problem::not_a_certificate("a revocation list (CRL)")
    }

    pub(super) fn not_a_certificate(kind: impl Into<String>) -> Self {
        Problem::NotACertificate { kind: kind.into() }
    }

    /// A container that cannot be read as a whole.
    pub(super) fn container(format: SourceFormat, fault: Fault) -> Self {
        let fault = match fault {
            Fault::Broken => "cut short or damaged",
            Fault::TooDeep => "nested more deeply than any real one",
        };
        Problem::hinted(
            format!("the {format} is {fault}"),
            "copy the file again in binary mode, and compare its size",
        )
    }

    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Problem::Malformed {
            message: message.into(),
            hint: None,
        }
    }

    pub(super) fn hinted(message: impl Into<String>, hint: &'static str) -> Self {
        Problem::Malformed {
            message: message.into(),
            hint: Some(Hint::Text(hint)),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Malformed { message, .. } | Problem::WrongPasswords { message, .. } => {
                f.write_str(message)
            }
            Problem::NotACertificate { kind } => write!(f, "{kind}, not a certificate"),
            Problem::PrivateKey { kind, .. } => write!(f, "found a private key ({kind})"),
            Problem::EmptyStore(format) => write!(f, "the {format} holds no certificate"),
            Problem::NeedsPassword => f.write_str(
                "the PKCS#12 store needs a password: an empty one and 'changeit' do not open it",
            ),
            Problem::WrongPassword(format) => write!(
                f,
                "wrong password, or a damaged file: the password does not open the {format}"
            ),
            Problem::Unlisted { kind, count } => {
                let plural = if *count == 1 { "" } else { "s" };
                let what = match kind {
                    ProblemKind::Malformed => "that cannot be read",
                    ProblemKind::NotACertificate => "without a certificate",
                    ProblemKind::PrivateKey => "with a private key",
                    ProblemKind::WrongPassword => "that no password opens",
                };
                write!(
                    f,
                    "{count} more section{plural} {what} from here on, not listed"
                )
            }
        }
    }
}

impl std::error::Error for Problem {}

impl From<NotACertificate> for Problem {
    fn from(error: NotACertificate) -> Self {
        Problem::malformed(error.to_string())
    }
}

/// What to do about a [`Problem`] or a finding.
///
/// `Display` words it for a caller of this library. The variants other than [`Hint::Text`] are those
/// where a program can say more: which of its own options helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hint {
    /// Advice that is the same for every program.
    Text(&'static str),
    /// The file is empty, perhaps because it is filled later.
    FillFile,
    /// A key is in a PEM or DER file, where no option skips it.
    RemoveKey,
    /// A key is in a store, where [`KeyEntries::Skip`](super::KeyEntries::Skip) passes over it.
    SkipKeys,
    /// The store opens only with a password.
    GivePassword,
    /// The password for a store of this format is wrong.
    CheckPassword(SourceFormat),
    /// The public roots are old.
    UpdateRoots,
}

impl Hint {
    /// A command that shows whether a password opens a store of `format`.
    pub fn password_check(format: SourceFormat) -> &'static str {
        match format {
            SourceFormat::Jks => "keytool -list -keystore FILE",
            _ => "openssl pkcs12 -info -nokeys -in FILE",
        }
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Hint::Text(text) => text,
            Hint::FillFile => "put the CA certificates in it, as PEM",
            Hint::RemoveKey => {
                "Remove it. If this file was ever shared, treat the key as compromised. A trust \
                 store needs only CA certificates."
            }
            Hint::SkipKeys => {
                "Export a store without keys, or skip its key entries. If this file was ever \
                 shared, treat the key as compromised."
            }
            Hint::GivePassword => "read it with its password",
            Hint::CheckPassword(format) => {
                return write!(
                    f,
                    "check the password with: {}",
                    Hint::password_check(*format)
                );
            }
            Hint::UpdateRoots => "use a newer set of public roots",
        })
    }
}
