//! Where the candidate will work, as the operator writes it and as Checkr takes it.

use serde_json::{Map, Value, json};

use super::WORK_LOCATION;
use crate::account::Account;

/// Where Checkr texts candidates, and where a connection without a work location is.
pub(super) const US: &str = "US";

/// A work location. Checkr chooses disclosures and fair-hiring rules by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Location {
    country: String,
    state: Option<String>,
    city: Option<String>,
}

impl Location {
    /// The location that the connection was given, if any.
    pub(super) fn of(account: &Account<'_>) -> Result<Option<Self>, String> {
        Self::written(account.option(WORK_LOCATION))
    }

    fn written(option: Option<&str>) -> Result<Option<Self>, String> {
        option.filter(|text| !text.trim().is_empty()).map(Self::parse).transpose()
    }

    /// Reads `US-CA-San Francisco`, `US-CA` or `IN`. A city may hold hyphens.
    fn parse(text: &str) -> Result<Self, String> {
        let mut parts = text.trim().splitn(3, '-').map(|part| part.trim().to_owned());
        let country = parts.next().unwrap_or_default().to_ascii_uppercase();
        let (state, city) = (parts.next(), parts.next());
        let two_letters = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic());
        let whole = [&state, &city].into_iter().flatten().all(|part| !part.is_empty());
        let state_fits = country != US || state.as_deref().is_some_and(two_letters);
        if two_letters(&country) && whole && state_fits {
            let state = state.map(|s| if country == US { s.to_ascii_uppercase() } else { s });
            Ok(Self { country, state, city })
        } else {
            Err(format!(
                "the connection's option `{WORK_LOCATION}` has to be written like US-CA-San Francisco, US-CA or, \
                 outside the US, a two-letter country code"
            ))
        }
    }

    /// Whether Checkr's lists leave out whoever works here.
    pub(super) fn is_abroad(&self) -> bool {
        self.country != US
    }

    /// Two letters.
    pub(super) fn country(&self) -> &str {
        &self.country
    }

    pub(super) fn to_json(&self) -> Value {
        let mut map = Map::from_iter([("country".to_owned(), json!(self.country))]);
        for (key, part) in [("state", &self.state), ("city", &self.city)] {
            map.extend(part.as_ref().map(|part| (key.to_owned(), json!(part))));
        }
        Value::Object(map)
    }
}

/// What is wrong with a work location as the operator wrote it.
pub(super) fn check(option: &str) -> Result<(), String> {
    Location::written(Some(option)).map(drop)
}

/// Whether the connection's candidates work outside the US.
pub(super) fn is_abroad(account: &Account<'_>) -> bool {
    lies_abroad(account.option(WORK_LOCATION))
}

/// Whether a work location as the operator wrote it lies outside the US.
pub(super) fn lies_abroad(option: Option<&str>) -> bool {
    Location::written(option).ok().flatten().is_some_and(|place| place.is_abroad())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Value> {
        Location::parse(text).ok().map(|place| place.to_json())
    }

    #[test]
    fn a_location_is_country_state_and_city() {
        let full = json!({ "country": "US", "state": "CA", "city": "San Francisco" });
        assert_eq!(read("US-CA-San Francisco"), Some(full));
        let hyphens = json!({ "country": "US", "state": "NC", "city": "Winston-Salem" });
        assert_eq!(read(" us - nc - Winston-Salem "), Some(hyphens));
        assert_eq!(read("US-CA"), Some(json!({ "country": "US", "state": "CA" })));
        assert_eq!(read("in"), Some(json!({ "country": "IN" })));
        assert_eq!(read("IN-Karnataka"), Some(json!({ "country": "IN", "state": "Karnataka" })));
    }

    #[test]
    fn the_us_needs_a_state_and_nothing_may_be_half_written() {
        for wrong in ["US", "US-California", "India", "", "-CA", "US-", "US-CA-", "U1", "IN--Delhi"] {
            assert!(Location::parse(wrong).is_err_and(|why| why.contains("work_location")), "{wrong:?}");
        }
    }

    #[test]
    fn only_the_us_is_on_checkrs_lists() {
        assert_eq!(
            ["US-CA", "us-ny", "IN"].map(|t| Location::parse(t).is_ok_and(|l| l.is_abroad())),
            [false, false, true]
        );
        assert_eq!([None, Some(" "), Some("India"), Some("IN")].map(lies_abroad), [false, false, false, true]);
    }
}
