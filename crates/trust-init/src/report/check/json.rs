//! The report of `check` as a JSON object.

use serde::Serialize;

use super::{CheckReport, PathDifference};
use crate::error::{Code, Error};
use crate::report::records::JudgementRecord;
use crate::report::text::json;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckObject<'a> {
    schema_version: u32,
    ok: bool,
    #[serde(flatten)]
    judgement: JudgementRecord<'a>,
    refused: Vec<RefusedRecord<'a>>,
    drift: &'a [PathDifference],
    /// Always empty: with an error there is no verdict, and [`crate::report::unanswered`] is the answer.
    errors: [(); 0],
}

/// A source, or all of them, refused before anything in it was looked at.
#[derive(Serialize)]
struct RefusedRecord<'a> {
    origin: Option<&'a str>,
    rule: Code,
    reason: &'a str,
}

impl<'a> RefusedRecord<'a> {
    fn new(fault: &'a Error) -> Self {
        RefusedRecord {
            origin: fault.place.as_deref(),
            rule: fault.code,
            reason: &fault.message,
        }
    }
}

impl CheckReport<'_> {
    pub(super) fn json(&self) -> String {
        json(&CheckObject {
            schema_version: 1,
            ok: self.is_ok(),
            judgement: JudgementRecord::new(self.judgement, self.inputs).of_customer(),
            refused: self.inputs.refused.iter().map(RefusedRecord::new).collect(),
            drift: &self.differences,
            errors: [],
        })
    }
}
