//! The chain as a drawing: what a server sent and what clients found in their stores, each below the
//! CA that issued it.

use trust_doctor::chain::Place;
use trust_doctor::{Client, Diagnosis};
use trust_stores::{Certificate, Fingerprint};

use super::super::answers::{Answer, list};
use super::super::{DoctorReport, chain};
use super::document::Node;

/// A server that sends more than this is not drawn to the end.
const MAX_APART: usize = 20;

/// From a root down, the server's own certificate last.
type Line<'r> = Vec<Item<'r>>;

#[derive(Clone, Copy)]
enum Item<'r> {
    Certificate(&'r Certificate),
    /// The issuer of this one, which was not sent and is not in the stores of those who refuse.
    IssuerOf(&'r Certificate),
}

/// A certificate, or a gap, above those that it issued.
struct Branch<'r> {
    item: Item<'r>,
    below: Vec<Branch<'r>>,
}

/// What was sent and what it leads to, from the roots down.
pub(super) fn drawing(
    report: &DoctorReport,
    diagnosis: &Diagnosis,
    answers: &[Answer<'_>],
) -> Vec<Node> {
    let mut forest: Vec<Branch<'_>> = Vec::new();
    for line in lines(diagnosis, answers) {
        insert(&mut forest, &line);
    }
    let draw = Draw {
        report,
        diagnosis,
        answers,
    };
    forest.iter().map(|branch| draw.node(branch)).collect()
}

fn lines<'r>(diagnosis: &'r Diagnosis, answers: &[Answer<'r>]) -> Vec<Line<'r>> {
    let sent = &diagnosis.probe.chain;
    let trusted = answers.iter().filter(|answer| !answer.path.is_empty());
    let mut lines: Vec<Line<'r>> = trusted
        .map(|answer| {
            answer
                .path
                .iter()
                .rev()
                .copied()
                .map(Item::Certificate)
                .collect()
        })
        .collect();
    if lines.is_empty() {
        lines.push(sent_line(sent));
    }
    let drawn: Vec<Fingerprint> = lines
        .iter()
        .flatten()
        .filter_map(Item::fingerprint)
        .collect();
    let apart = sent
        .iter()
        .filter(|one| !drawn.contains(&one.fingerprint()));
    let apart = apart
        .take(MAX_APART)
        .map(|one| vec![Item::Certificate(one)]);
    lines.extend(apart);
    lines
}

/// What was sent, from the end of the chain down to the server.
fn sent_line(sent: &[Certificate]) -> Line<'_> {
    let upward = chain::upward(sent);
    let gap = upward.last().filter(|end| !end.is_self_signed());
    let gap = gap.map(|end| Item::IssuerOf(end));
    let downward = upward.iter().rev().copied().map(Item::Certificate);
    gap.into_iter().chain(downward).collect()
}

fn insert<'r>(forest: &mut Vec<Branch<'r>>, line: &[Item<'r>]) {
    let Some((first, rest)) = line.split_first() else {
        return;
    };
    let known = forest.iter().position(|branch| branch.item.is_same(*first));
    let index = known.unwrap_or_else(|| {
        forest.push(Branch {
            item: *first,
            below: Vec::new(),
        });
        forest.len() - 1
    });
    insert(&mut forest[index].below, rest);
}

impl Item<'_> {
    fn fingerprint(&self) -> Option<Fingerprint> {
        match self {
            Item::Certificate(certificate) => Some(certificate.fingerprint()),
            Item::IssuerOf(_) => None,
        }
    }

    fn is_same(self, other: Item<'_>) -> bool {
        let own = self.fingerprint();
        own.is_some() && own == other.fingerprint()
    }
}

struct Draw<'d> {
    report: &'d DoctorReport,
    diagnosis: &'d Diagnosis,
    answers: &'d [Answer<'d>],
}

impl Draw<'_> {
    fn node(&self, branch: &Branch<'_>) -> Node {
        let (label, details) = match branch.item {
            Item::Certificate(certificate) => {
                (certificate.subject().to_string(), self.details(certificate))
            }
            Item::IssuerOf(certificate) => (
                format!("missing: {}", certificate.issuer()),
                vec![String::from(
                    "not sent, and in the store of no client that needs it",
                )],
            ),
        };
        Node {
            label,
            details,
            children: branch.below.iter().map(|below| self.node(below)).collect(),
        }
    }

    fn details(&self, certificate: &Certificate) -> Vec<String> {
        let fingerprint = certificate.fingerprint();
        let mut sent = chain::placed(&self.diagnosis.probe.chain).enumerate();
        let sent = sent.find(|(_, (one, _))| one.fingerprint() == fingerprint);
        let (sent, place) = match sent {
            Some((index, (_, Place::Server))) => (
                format!("sent as number {index}, the server's own"),
                Some(Place::Server),
            ),
            Some((index, (_, place))) => (format!("sent as number {index}"), Some(place)),
            None => (String::from("not sent"), None),
        };
        let mut details = vec![sent];
        details.extend(self.holders(certificate));
        details.extend(chain::facts(certificate, self.report.at));
        let odd = place.filter(|place| !matches!(place, Place::Server | Place::IssuerOf(_)));
        details.extend(odd.map(chain::place_words));
        details.push(format!("sha256 {fingerprint}"));
        details
    }

    /// Whose stores have the certificate, and whose do not; nothing if none has it.
    fn holders(&self, certificate: &Certificate) -> Option<String> {
        let fingerprint = certificate.fingerprint();
        let stores = self.report.stores.clients.iter();
        let seen = stores.filter(|store| {
            let mut answers = self.answers.iter();
            !store.contents.is_absent() && answers.any(|one| one.client == store.client)
        });
        let (have, lack): (Vec<_>, Vec<_>) = seen.partition(|store| {
            let mut anchors = store.contents.anchors.iter();
            anchors.any(|anchor| anchor.fingerprint() == fingerprint)
        });
        let names = |stores: &[&trust_doctor::ClientStore]| {
            let clients: Vec<Client> = stores.iter().map(|store| store.client).collect();
            list(&clients)
        };
        match (have.is_empty(), lack.is_empty()) {
            (true, _) => None,
            (false, true) => Some(format!("in the store of {}", names(&have))),
            (false, false) => Some(format!(
                "in the store of {}, but not in that of {}",
                names(&have),
                names(&lack)
            )),
        }
    }
}
