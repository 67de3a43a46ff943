//! The certificates in sound sections of a text, decoded before the scan comes to them, because that is most of its
//! work and can be done on two threads. Any other section is left to the scan.

use std::ops::Range;
use std::sync::Arc;
use std::vec;

use super::base64;
use super::marker::{Edge, Marker};
use crate::cert::Certificate;
use crate::formats::der;
use crate::parallel;

/// Certificates by the range of their sections, in the order of the text.
pub(super) struct Ahead(vec::IntoIter<(Range<usize>, Arc<Certificate>)>);

impl Ahead {
    pub(super) fn of(text: &[u8]) -> Self {
        let mut bodies = Vec::new();
        let mut open: Option<Marker<'_>> = None;
        let mut at = 0;
        while let Some(marker) = Marker::next(text, at) {
            at = marker.end;
            let is_plain = marker.label == b"CERTIFICATE";
            match open.take() {
                Some(begin) if is_plain && marker.edge == Edge::End => {
                    bodies.push((begin.start..marker.end, begin.end..marker.start));
                }
                _ => open = Some(marker).filter(|marker| is_plain && marker.edge == Edge::Begin),
            }
        }
        let found = parallel::map(&bodies, |(section, body)| {
            let der = base64::decode(&text[body.clone()]).ok()?;
            let certificate = der::certificate(der).ok()?;
            Some((section.clone(), Arc::new(certificate)))
        });
        let found: Vec<_> = found.into_iter().flatten().collect();
        Ahead(found.into_iter())
    }

    /// The certificate of the section between two markers, if it was decoded. Sections are asked for in their order.
    pub(super) fn take(
        &mut self,
        begin: &Marker<'_>,
        end: &Marker<'_>,
    ) -> Option<Arc<Certificate>> {
        while self.0.as_slice().first()?.0.start < begin.start {
            self.0.next();
        }
        let (section, _) = self.0.as_slice().first()?;
        if *section == (begin.start..end.end) {
            self.0.next().map(|(_, certificate)| certificate)
        } else {
            None
        }
    }
}
