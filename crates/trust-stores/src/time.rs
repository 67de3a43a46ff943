//! Points in time: seconds since 1970 in, RFC 3339 in UTC out.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::parse_error::ParseError;

/// A point in time to the second, as in certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From seconds since 1970-01-01T00:00:00Z, negative before that.
    pub const fn from_unix(seconds: i64) -> Self {
        Timestamp(seconds)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// The point in time that many days later.
    #[must_use]
    pub const fn plus(self, days: Days) -> Self {
        Timestamp(self.0.saturating_add(days.0 * Days::SECONDS))
    }

    /// How many whole days there are until `later`; negative if that is earlier.
    pub const fn days_until(self, later: Timestamp) -> i64 {
        later.0.saturating_sub(self.0).div_euclid(Days::SECONDS)
    }

    /// The date without the time, in UTC.
    pub fn date(self) -> String {
        let text = self.to_string();
        text.split('T').next().unwrap_or_default().to_owned()
    }
}

/// A number of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days(i64);

impl Days {
    const SECONDS: i64 = 24 * 60 * 60;

    /// That many days.
    pub const fn new(days: u32) -> Self {
        Days(days as i64)
    }
}

/// Takes `30d` and `30`, as flags do.
impl FromStr for Days {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        text.strip_suffix('d')
            .unwrap_or(text)
            .parse()
            .map(Days::new)
            .map_err(|_| ParseError("expected a number of days, such as 30d".into()))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let seconds = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX),
        };
        Timestamp(seconds)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A manifest has two for each certificate: no allocation for them.
        let mut text = [0; "9999-12-31T23:59:59Z".len()];
        let length = OffsetDateTime::from_unix_timestamp(self.0)
            .ok()
            .and_then(|time| time.format_into(&mut &mut text[..], &Rfc3339).ok());
        match length.and_then(|length| str::from_utf8(text.get(..length)?).ok()) {
            Some(text) => f.write_str(text),
            // Outside the years that RFC 3339 can write.
            None => write!(f, "@{}", self.0),
        }
    }
}

/// Takes RFC 3339 (`2026-11-21T08:00:00Z`), a date (its midnight in UTC), or `@` and
/// seconds since 1970.
impl FromStr for Timestamp {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        if let Some(seconds) = text.strip_prefix('@') {
            return seconds
                .parse()
                .map(Timestamp)
                .map_err(|_| ParseError("'@' is followed by seconds since 1970".into()));
        }
        let midnight = format!("{text}T00:00:00Z");
        OffsetDateTime::parse(text, &Rfc3339)
            .or_else(|_| OffsetDateTime::parse(&midnight, &Rfc3339))
            .map(|time| Timestamp(time.unix_timestamp()))
            .map_err(|_| ParseError("expected a date as 2026-11-21 or 2026-11-21T08:00:00Z".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Days, Timestamp};

    #[test]
    fn days_are_counted_whole_and_downward() {
        let day: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        assert_eq!(day.unix(), 1_795_262_400);
        assert_eq!(day.date(), "2026-11-21");
        assert_eq!(day.plus(Days::new(30)).date(), "2026-12-21");
        for (later, days) in [
            ("2026-11-24T12:00:00Z", 3),
            ("2026-11-24T11:59:59Z", 2),
            ("2026-11-21T12:00:00Z", 0),
            ("2026-11-21T11:59:59Z", -1),
        ] {
            assert_eq!(day.days_until(later.parse().unwrap()), days, "{later}");
        }
    }

    #[test]
    fn reads_what_it_writes() {
        for text in [
            "1950-01-01T00:00:00Z",
            "2026-11-21T08:30:00Z",
            "9999-12-31T23:59:59Z",
        ] {
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn takes_dates_offsets_and_seconds() {
        let midnight = Timestamp::from_unix(1_795_219_200);
        assert_eq!("2026-11-21".parse(), Ok(midnight));
        assert_eq!("2026-11-21T01:00:00+01:00".parse(), Ok(midnight));
        assert_eq!("@1795219200".parse(), Ok(midnight));
        for wrong in ["", "tomorrow", "2026-13-01", "@", "@1.5"] {
            assert!(wrong.parse::<Timestamp>().is_err(), "{wrong}");
        }
    }
}
