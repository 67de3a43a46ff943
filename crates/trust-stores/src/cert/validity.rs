//! `UTCTime` and `GeneralizedTime` (X.680, clauses 46 and 47), with the forms of BER that CAs have used and every
//! JVM reads: without seconds, with an offset from UTC, and `GeneralizedTime` with a fraction of a second.

use time::{Date, Month};

use crate::asn1::{Element, tag};
use crate::time::Timestamp;

/// The time that an element holds; `None` if it has another type or cannot be read.
pub(super) fn timestamp(element: Element<'_>) -> Option<Timestamp> {
    let mut digits = Digits(element.content);
    let (year, is_generalized) = match element.tag & tag::NUMBER {
        tag::UTC_TIME => match digits.pair()? {
            // RFC 5280, section 4.1.2.5.1
            year @ 50.. => (1900 + i32::from(year), false),
            year => (2000 + i32::from(year), false),
        },
        tag::GENERALIZED_TIME => {
            let century = i32::from(digits.pair()?);
            (century * 100 + i32::from(digits.pair()?), true)
        }
        _ => return None,
    };
    let month = Month::try_from(digits.pair()?).ok()?;
    let date = date(year, month, digits.pair()?)?;
    let (hour, minute) = (digits.pair()?, digits.pair()?);
    let second = match digits.0 {
        [] => return None,
        [_] => 0,
        _ => digits.pair()?,
    };
    if is_generalized {
        digits.skip_fraction()?;
    }
    let offset = match digits.0 {
        b"Z" => 0,
        zone => offset(zone)?,
    };
    let time = date.with_hms(hour, minute, second).ok()?;
    Some(Timestamp::from_unix(
        time.assume_utc().unix_timestamp() - offset,
    ))
}

/// A day of the calendar, or February 29 of a year that has none, which is the next day: programs that add
/// years to a leap day write it, and every JVM reads it so.
fn date(year: i32, month: Month, day: u8) -> Option<Date> {
    match (month, day) {
        (Month::February, 29) => Date::from_calendar_date(year, month, 28).ok()?.next_day(),
        _ => Date::from_calendar_date(year, month, day).ok(),
    }
}

/// Whether a time is in the form that RFC 5280 asks for, and its day is in the calendar.
pub(super) fn is_plain(element: &Element<'_>) -> bool {
    let digits = match element.tag {
        tag::UTC_TIME => 12,
        tag::GENERALIZED_TIME => 14,
        _ => return false,
    };
    let content = element.content.strip_suffix(b"Z");
    let Some(content) =
        content.filter(|content| content.len() == digits && content.iter().all(u8::is_ascii_digit))
    else {
        return false;
    };
    // Only of this day it depends on the year whether there is one.
    let is_leap_day = content[digits - 10..].starts_with(b"0229");
    !is_leap_day || timestamp(*element).is_some_and(|time| time.date().ends_with("-02-29"))
}

/// The seconds that a zone is ahead of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    let (sign, mut digits) = match zone {
        [b'+', digits @ ..] => (1, Digits(digits)),
        [b'-', digits @ ..] => (-1, Digits(digits)),
        _ => return None,
    };
    let (hours, minutes) = (i64::from(digits.pair()?), i64::from(digits.pair()?));
    let is_zone = digits.0.is_empty() && hours < 24 && minutes < 60;
    is_zone.then_some(sign * 60 * (60 * hours + minutes))
}

/// Decimal digits still to be read.
struct Digits<'a>(&'a [u8]);

impl Digits<'_> {
    fn pair(&mut self) -> Option<u8> {
        let (pair, rest) = self.0.split_first_chunk::<2>()?;
        self.0 = rest;
        let [tens, ones] = pair.map(|byte| byte.wrapping_sub(b'0'));
        (tens <= 9 && ones <= 9).then(|| 10 * tens + ones)
    }

    /// Passes over a fraction of a second, if there is one. `None` if it has no digit.
    fn skip_fraction(&mut self) -> Option<()> {
        if let [b'.' | b',', fraction @ ..] = self.0 {
            let length = fraction.iter().take_while(|byte| byte.is_ascii_digit());
            let length = length.count();
            self.0 = &fraction[length..];
            return (length > 0).then_some(());
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::timestamp;
    use crate::asn1::{Element, tag};

    fn read(tag: u8, content: &str) -> Option<String> {
        let element = Element {
            tag,
            content: content.as_bytes(),
            ..Element::default()
        };
        timestamp(element).map(|time| time.to_string())
    }

    #[test]
    fn both_types_in_every_form() {
        for (tag, content, expected) in [
            (tag::UTC_TIME, "491231235959Z", "2049-12-31T23:59:59Z"),
            (tag::UTC_TIME, "500101000000Z", "1950-01-01T00:00:00Z"),
            (tag::UTC_TIME, "2602281200Z", "2026-02-28T12:00:00Z"),
            (tag::UTC_TIME, "260228120000+0130", "2026-02-28T10:30:00Z"),
            (tag::UTC_TIME, "260228120000-0030", "2026-02-28T12:30:00Z"),
            (
                tag::GENERALIZED_TIME,
                "99991231235959Z",
                "9999-12-31T23:59:59Z",
            ),
            (
                tag::GENERALIZED_TIME,
                "20260228120000.5Z",
                "2026-02-28T12:00:00Z",
            ),
            (
                tag::GENERALIZED_TIME,
                "20260228120000,1234-0600",
                "2026-02-28T18:00:00Z",
            ),
            (
                tag::GENERALIZED_TIME,
                "20260228120000+2359",
                "2026-02-27T12:01:00Z",
            ),
            // 2026 has no leap day.
            (tag::UTC_TIME, "260229120000Z", "2026-03-01T12:00:00Z"),
        ] {
            assert_eq!(read(tag, content).as_deref(), Some(expected), "{content}");
        }
    }

    #[test]
    fn what_is_no_time() {
        for (tag, content) in [
            (tag::UTC_TIME, ""),
            (tag::UTC_TIME, "2602281200"),
            (tag::UTC_TIME, "260228120000"),
            (tag::UTC_TIME, "260228120000.5Z"),
            (tag::UTC_TIME, "260230120000Z"),
            (tag::UTC_TIME, "260228120000+2400"),
            (tag::UTC_TIME, "2602281200+0100"),
            (tag::UTC_TIME, "260228240000Z"),
            (tag::UTC_TIME, "26022812000xZ"),
            (tag::UTC_TIME, "26022812\u{ff}00Z"),
            (tag::UTC_TIME, "260228120000+0160"),
            (tag::GENERALIZED_TIME, "20260228120000"),
            (tag::GENERALIZED_TIME, "20260228120000.Z"),
            (tag::GENERALIZED_TIME, "20260228120000.5"),
            (tag::GENERALIZED_TIME, "20260228120000+01"),
            (tag::GENERALIZED_TIME, "20261328120000Z"),
            (tag::INTEGER, "260228120000Z"),
        ] {
            assert_eq!(read(tag, content), None, "{content}");
        }
    }
}
