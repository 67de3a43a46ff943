//! The words for what is wrong with stores.

use trust_doctor::store::{Consequence, JavaProblem, ReadFailure, StoreFault, StoreProblem};
use trust_stores::escape::escape;

const USE_MERGED: &str = "point it at a merged store: trust-init build or exec writes one";
const REHASH: &str = "run: openssl rehash DIRECTORY";
const REMOVE: &str = "remove that certificate from the file";

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
        Consequence::Fails => "; requests fails with every server",
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
        StoreProblem::RefusedCertificate { subject, reason } => {
            let message = format!("the whole file is refused because of {subject}: {reason}");
            return (message, REMOVE);
        }
        StoreProblem::CustomerMissing { missing, total } => {
            let message = format!(
                "{missing} of the customer's {total} CAs are missing from what this client reads"
            );
            return (
                message,
                "point it at the stores that were built: see trust-init env",
            );
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
            "check the path, and that the volume is mounted in this container",
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
            "trustStore is NONE, and the certificates on a token cannot be seen from here",
            "look at the token with its own tools",
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
