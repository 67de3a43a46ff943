//! The words for what is wrong with stores.

use trust_doctor::store::{
    Absence, Consequence, Installation, JavaProblem, ReadFailure, StoreContents, StoreFault,
    StoreNote, StoreProblem,
};
use trust_stores::SourceFormat;
use trust_stores::escape::escape;

use crate::wiring::foreign::FOREIGN_VARIABLES;

const USE_MERGED: &str = "point it at a merged store: trust-init build or exec writes one";
const POINT_AT_BUILT: &str =
    "point it at the stores that were built: trust-init exec --from DIR -- CMD, or DIR/trust.env";
const REHASH: &str = "run: openssl rehash DIRECTORY";
const REMOVE: &str = "remove that certificate from the file";

/// Whether there is nothing to say of a client but that it is not here.
pub(super) fn is_unseen(contents: &StoreContents) -> bool {
    let is_plain = matches!(
        contents.absence,
        Some(Absence::NoProgram | Absence::NoPython | Absence::Token)
    );
    is_plain && contents.faults.is_empty()
}

/// Why a client is not judged; `program` is the one that was looked at.
pub(super) fn not_seen(absence: &Absence, program: Option<&str>) -> String {
    let program = program.unwrap_or("the program");
    match absence {
        Absence::NoProgram | Absence::Token => String::from("not seen here"),
        Absence::NoPython => String::from("not seen here: no Python"),
        Absence::NoRequests => {
            format!("not seen here: no requests among the packages of {program}")
        }
        Absence::StoreNotSeen => format!("not seen here: which store {program} reads"),
        Absence::ChangedBy(package) => format!("not seen here: {package} decides what it reads"),
        Absence::GnuTls => String::from("not seen here: libcurl is built with GnuTLS"),
    }
}

/// A program with its version, and how it was found.
pub(super) fn installation(one: &Installation) -> String {
    let version = one
        .version
        .as_deref()
        .unwrap_or("of a version that is not seen");
    let program = one.program.display();
    format!("Python {version}, {program}, by {}", one.found_by)
}

/// What there is to know of a client's store, on a line of its own.
pub(super) fn note(note: &StoreNote) -> String {
    match note {
        StoreNote::OtherPython {
            installation: one,
            bundle,
        } => {
            let reads = match bundle {
                Some(bundle) => format!("its requests reads {}", bundle.display()),
                None => String::from("it has no requests, or reads a store that is not seen"),
            };
            let other = installation(one);
            format!("{:<16} another {other}: {reads}", "note")
        }
        StoreNote::GnuTlsCurl => format!(
            "{:<16} a libcurl with GnuTLS is here too; its programs have other rules than curl",
            "note"
        ),
    }
}

/// What a variable does that turns off verification or chooses other roots.
pub(super) fn switch(name: &str) -> String {
    let mut table = FOREIGN_VARIABLES.into_iter();
    let variable = table.find(|one| one.name == name && !one.names_store());
    variable.map_or_else(String::new, |one| {
        format!("{name} {} ({})", one.does(), one.clients)
    })
}

/// A fault on one line: what led to the store, and what is wrong. Escaped.
pub(super) fn fault_line(fault_of_store: &StoreFault) -> String {
    let line = format!("{}: {}", fault_of_store.found_by, fault(fault_of_store).0);
    escape(&line).into_owned()
}

/// What is wrong with a store, with the file at fault and what the client does; and how to fix it.
pub(super) fn fault(fault: &StoreFault) -> (String, &'static str) {
    let (problem, hint) = problem(&fault.problem);
    let place = match &fault.problem {
        StoreProblem::Malformed { place, .. } => place.as_str(),
        _ => "",
    };
    let Some(path) = &fault.path else {
        return (problem, hint);
    };
    let consequence = match fault.consequence {
        Consequence::Reads => "",
        Consequence::Skips => "; OpenSSL silently continues without it",
        Consequence::FallsBack => "; a JVM silently uses its own cacerts instead",
        Consequence::SkipsOrFails => "; its programs fail, or continue without it",
        Consequence::Fails => match fault.found_by {
            "REQUESTS_CA_BUNDLE" => "; requests fails with every server",
            "SSL_CERT_FILE" | "SSL_CERT_DIR" => "; curl fails with every server",
            _ => "; this client fails with every server",
        },
    };
    let message = format!("{}{place}: {problem}{consequence}", path.display());
    (message, hint)
}

fn problem(problem: &StoreProblem) -> (String, &'static str) {
    let (message, hint) = match problem {
        StoreProblem::WrongHash(subject) => {
            let message = format!("OpenSSL does not find {subject} by this hash");
            return (message, REHASH);
        }
        StoreProblem::Malformed { message, .. } => {
            return (
                format!("{message}, and the whole file is refused"),
                USE_MERGED,
            );
        }
        StoreProblem::NoPemCertificate(format) => {
            let message = match format {
                SourceFormat::Pem => String::from("no certificate in PEM is in the file"),
                other => format!("this is a {other}, and clients read only PEM here"),
            };
            return (message, USE_MERGED);
        }
        StoreProblem::RefusedCertificate { subject, reason } => {
            let message = format!("the whole file is refused because of {subject}: {reason}");
            return (message, REMOVE);
        }
        StoreProblem::CustomerMissing { missing, total } => {
            let message = format!(
                "{missing} of the customer's {total} CAs are missing from what this client reads"
            );
            return (message, POINT_AT_BUILT);
        }
        StoreProblem::NoBundle => ("no CA bundle found", "install ca-certificates"),
        StoreProblem::DirectoryForFile => (
            "this is a directory, but clients read only a file here",
            USE_MERGED,
        ),
        StoreProblem::DirectoryWithoutHashes => (
            "no file in the directory is named by its hash, and OpenSSL reads no others",
            "name a file, or run: openssl rehash DIRECTORY",
        ),
        StoreProblem::Unreadable(failure) => unreadable(*failure),
        StoreProblem::NoPublicRoots => (
            "the public roots are missing: this store replaces them",
            USE_MERGED,
        ),
        StoreProblem::Java(problem) => java_problem(*problem),
    };
    (String::from(message), hint)
}

fn unreadable(failure: ReadFailure) -> (&'static str, &'static str) {
    match failure {
        ReadFailure::Missing => (
            "no such file",
            "check the path; in a container, also that the volume is mounted",
        ),
        ReadFailure::Permission => (
            "this user may not read it",
            "give the file mode 0644 and its directories 0755; in Kubernetes, see fsGroup and the \
             volume's defaultMode",
        ),
        ReadFailure::Other => ("cannot be read", "it must be a regular file"),
    }
}

fn java_problem(problem: JavaProblem) -> (&'static str, &'static str) {
    match problem {
        JavaProblem::Token => (
            "the options name a token or a provider's own kind of store, whose certificates cannot \
             be seen from here",
            "look at the token or the store with its own tools",
        ),
        JavaProblem::NoTrustStore => (
            "trustStore is NONE and no token is named: every handshake fails (\"the trustAnchors \
             parameter must be non-empty\")",
            "name a file, or remove the option",
        ),
        JavaProblem::NotAJavaStore => (
            "not in a format that a JVM reads: every handshake fails",
            "a JVM reads PKCS#12 or JKS; PEM belongs in SSL_CERT_FILE",
        ),
        JavaProblem::NoPassword => (
            "the store is encrypted and there is no trustStorePassword: a JVM finds no CA in it \
             (\"the trustAnchors parameter must be non-empty\")",
            "use a store without encryption, or add -Djavax.net.ssl.trustStorePassword=…",
        ),
        JavaProblem::WrongPassword => (
            "the store does not open with this trustStorePassword, or is damaged: every handshake \
             fails (\"keystore password was incorrect\")",
            "give the right password, or use a store without encryption, which needs none",
        ),
        JavaProblem::Empty => (
            "the store opens, but there is no certificate in it: every handshake fails (\"the \
             trustAnchors parameter must be non-empty\")",
            "build it with trust-init, or import each certificate with keytool",
        ),
        JavaProblem::OnlyKeys => (
            "the store has only key entries: a JVM trusts no CA because of them, and every handshake fails",
            "import each CA as a certificate of its own, or build the store with trust-init",
        ),
        JavaProblem::NothingReadable => (
            "nothing in the store can be read: every handshake fails",
            "build it with trust-init",
        ),
        JavaProblem::NoJavaAttribute => (
            "no entry has Java's trustedKeyUsage attribute, and a JVM trusts no others: every \
             handshake fails (\"the trustAnchors parameter must be non-empty\")",
            "build it with trust-init, or import each certificate with keytool",
        ),
    }
}
