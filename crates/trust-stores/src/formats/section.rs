//! What a source holds: sections, each a certificate or the problem with it, with its position.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::private_key;
use super::problem::{Problem, ProblemKind};
use crate::cert::Certificate;
use crate::escape::{escape, shorten};

/// How many characters of an alias are kept and, escaped, shown.
const LONGEST_ALIAS: usize = 64;

/// Where in a source a section is.
///
/// `Display` gives it as it follows a file's name in messages: `:12`, `@byte 1024`, `[2]`, `[alias]`, or
/// nothing for the whole source. Aliases are escaped.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Position {
    /// It is the whole source.
    Whole,
    /// The line of its BEGIN marker, from 1.
    Line(usize),
    /// The offset of its first byte, in a source of several DER certificates.
    Byte(usize),
    /// The number of its entry in a container, from 1.
    Entry(usize),
    /// The name of its entry in a keystore, cut after 64 characters.
    Alias(Arc<str>),
}

impl Position {
    /// The entry named `alias`. A store can repeat a name for thousands of sections, so what is kept
    /// of a long one is short.
    pub(super) fn alias(alias: &str) -> Self {
        if !private_key::in_text(alias.as_bytes()).is_empty() {
            // It is a problem of its own, and not printed.
            return Position::Alias("a private key".into());
        }
        Position::Alias(shorten(alias, LONGEST_ALIAS).into())
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Position::Whole => Ok(()),
            Position::Line(line) => write!(f, ":{line}"),
            Position::Byte(offset) => write!(f, "@byte {offset}"),
            Position::Entry(number) => write!(f, "[{number}]"),
            Position::Alias(alias) => write!(f, "[{}]", shorten(&escape(alias), LONGEST_ALIAS)),
        }
    }
}

/// One section of a source: a PEM block, an entry of a store, a DER certificate.
#[derive(Debug)]
pub struct Section {
    /// Where in the source it is.
    pub position: Position,
    /// Its certificate, or why it has none.
    pub content: Result<DecodedCertificate, Problem>,
}

impl Section {
    /// Its certificate, whatever its source says about trusting it; `None` if it has none.
    pub fn certificate(&self) -> Option<&Certificate> {
        let decoded = self.content.as_ref().ok()?;
        Some(&decoded.certificate)
    }

    pub(super) fn problem(position: Position, problem: Problem) -> Self {
        Section {
            position,
            content: Err(problem),
        }
    }

    /// How many sections of the source it is: 1, or as many as a [`Problem::Unlisted`] counts.
    pub fn count(&self) -> usize {
        match self.content {
            Err(Problem::Unlisted { count, .. }) => count,
            _ => 1,
        }
    }
}

/// How many problems of one kind are listed one by one. The shortest section of PKCS#7 has two bytes, and a
/// store of 4 MiB would need gigabytes for the problems with them.
const MAX_LISTED: usize = 1000;

/// How many problems of each kind were listed one by one so far.
pub(crate) type Listed = [usize; ProblemKind::ALL.len()];

/// Gathers the sections of a source. From the 1001st problem of one kind on, it only counts them, in one
/// section at the position of the first.
#[derive(Debug, Default)]
pub(crate) struct Sections {
    list: Vec<Section>,
    seen: usize,
    listed: Listed,
    /// Where in the list the problems of each kind are counted that are not listed.
    unlisted: [Option<usize>; ProblemKind::ALL.len()],
    /// Whether the source has a problem of each kind in the list.
    is_named: [bool; ProblemKind::ALL.len()],
}

impl Sections {
    /// For a source that is read after others, whose problems are `listed`. At least one of each kind is
    /// listed all the same.
    pub(crate) fn after(listed: Listed) -> Self {
        Sections {
            listed,
            ..Sections::default()
        }
    }

    pub(crate) fn push(&mut self, section: Section) {
        self.seen += section.count();
        let Err(problem) = &section.content else {
            self.list.push(section);
            return;
        };
        let kind = problem.kind();
        let index = kind as usize;
        let is_summary = matches!(problem, Problem::Unlisted { .. });
        if !is_summary && (self.listed[index] < MAX_LISTED || !self.is_named[index]) {
            self.listed[index] += 1;
            self.is_named[index] = true;
            self.list.push(section);
            return;
        }
        let more = section.count();
        let known = self.unlisted[index].and_then(|at| self.list.get_mut(at));
        if let Some(Err(Problem::Unlisted { count, .. })) = known.map(|known| &mut known.content) {
            *count += more;
        } else {
            self.unlisted[index] = Some(self.list.len());
            let problem = Problem::Unlisted { kind, count: more };
            self.list.push(Section::problem(section.position, problem));
        }
    }

    /// How many sections there were, listed or not.
    pub(crate) fn seen(&self) -> usize {
        self.seen
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The index of the next certificate that is pushed.
    pub(crate) fn next_index(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut Section> {
        self.list.get_mut(index)
    }

    /// Those between two indexes.
    pub(crate) fn range_mut(&mut self, range: Range<usize>) -> &mut [Section] {
        self.list.get_mut(range).unwrap_or_default()
    }

    pub(crate) fn last(&self) -> Option<&Section> {
        self.list.last()
    }

    /// How many problems of each kind are listed, here and in the sources before.
    pub(crate) fn listed(&self) -> Listed {
        self.listed
    }
}

impl Extend<Section> for Sections {
    fn extend<T: IntoIterator<Item = Section>>(&mut self, sections: T) {
        let sections = sections.into_iter();
        self.list.reserve(sections.size_hint().0);
        for section in sections {
            self.push(section);
        }
    }
}

impl From<Sections> for Vec<Section> {
    fn from(sections: Sections) -> Self {
        sections.list
    }
}

/// A certificate as its source has it, with what the source says about trusting it.
#[derive(Debug)]
pub struct DecodedCertificate {
    /// The certificate. Shared, because the verdict on it keeps it.
    pub certificate: Arc<Certificate>,
    /// Why the source itself says not to trust it for TLS servers, if it does.
    pub distrust: Option<Distrust>,
    /// Whether a JVM that loads the source makes it a trust anchor. In PKCS#12 that needs the
    /// attribute trustedKeyUsage (2.16.840.1.113894.746875.1.1); without it the JVM finds no entry.
    pub trusted_by_java: bool,
}

/// A certificate on which its source puts no conditions.
impl From<Certificate> for DecodedCertificate {
    fn from(certificate: Certificate) -> Self {
        Arc::new(certificate).into()
    }
}

/// A certificate on which its source puts no conditions.
impl From<Arc<Certificate>> for DecodedCertificate {
    fn from(certificate: Arc<Certificate>) -> Self {
        DecodedCertificate {
            certificate,
            distrust: None,
            trusted_by_java: true,
        }
    }
}

/// Why a source's own settings say not to trust a certificate for TLS servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Distrust {
    /// The trust settings of an OpenSSL TRUSTED CERTIFICATE reject TLS servers.
    RejectsServers,
    /// The trust settings of an OpenSSL TRUSTED CERTIFICATE name only other uses.
    OtherUses,
    /// The trusted key usages of a PKCS#12 entry name only other uses.
    OtherUsesInStore,
    /// A later entry of a JKS or JCEKS store has the same alias, so no JVM finds this one (JDK 8 to 25), and
    /// whoever looks at the store with keytool does not see it.
    Overwritten,
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Distrust::RejectsServers => "its trust settings reject TLS servers",
            Distrust::OtherUses => "its trust settings name only uses other than TLS servers",
            Distrust::OtherUsesInStore => {
                "its store entry is trusted only for uses other than TLS servers"
            }
            Distrust::Overwritten => {
                "a later entry of the store has the same alias, so Java never finds this one"
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_LISTED, Position, Section, Sections};
    use crate::formats::{Problem, ProblemKind};

    fn sections(problems: impl IntoIterator<Item = Problem>) -> Sections {
        let mut sections = Sections::default();
        sections.extend(
            problems
                .into_iter()
                .enumerate()
                .map(|(index, problem)| Section::problem(Position::Entry(index + 1), problem)),
        );
        sections
    }

    #[test]
    fn beyond_a_number_problems_are_counted_by_kind() {
        let malformed = (0..MAX_LISTED + 7).map(|_| Problem::malformed("empty"));
        let found = sections(malformed.chain([Problem::key_entry("a key entry")]));
        assert_eq!(found.seen(), MAX_LISTED + 8);
        let found = Vec::from(found);
        assert_eq!(found.len(), MAX_LISTED + 2);
        assert_eq!(
            found.iter().map(Section::count).sum::<usize>(),
            MAX_LISTED + 8
        );
        let [.., more, key] = &found[..] else {
            panic!("two more")
        };
        assert_eq!(more.position, Position::Entry(MAX_LISTED + 1));
        let unlisted = Problem::Unlisted {
            kind: ProblemKind::Malformed,
            count: 7,
        };
        assert_eq!(more.content.as_ref().unwrap_err(), &unlisted);
        assert!(matches!(key.content, Err(Problem::PrivateKey { .. })));
    }

    #[test]
    fn each_source_names_its_first_problem() {
        let full = sections((0..MAX_LISTED).map(|_| Problem::malformed("empty"))).listed();
        let mut next = Sections::after(full);
        for _ in 0..3 {
            next.push(Section::problem(Position::Whole, Problem::malformed("cut")));
        }
        let counts: Vec<_> = Vec::from(next).iter().map(Section::count).collect();
        assert_eq!(counts, [1, 2]);
    }
}
