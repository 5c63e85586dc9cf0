//! SpringVerify's webhook: a bearer secret that we chose, and the same status codes as the poll.

use serde_json::Value;

use super::{Asked, Callback, wire};
use crate::connection::Connection;
use crate::inbound::{BadBody, Request, credential, read_json};
use crate::order::{Report, Source};
use crate::secrets::StoredKeys;
use crate::signature::{NotVerified, Verified, by_bearer};

/// Reports in one push at most.
const MOST: usize = 100;

/// Verifies the bearer against each of the keys that may be in force.
pub(super) fn verify(request: &Request, connection: &Connection, keys: &[StoredKeys]) -> Result<Verified, NotVerified> {
    let presented = credential(request.headers()).filter(|c| c.scheme == "bearer").ok_or(NotVerified)?;
    let secrets = keys.iter().map(|k| k.callback_secret.as_str());
    by_bearer(connection, &presented.secret, secrets, request.body())
}

/// Reads a push. SpringVerify is said to batch them, and nobody says how: a list of reports is taken as well as one.
pub(super) fn read(body: &[u8]) -> Result<Asked, BadBody> {
    let value: Value = read_json(body)?;
    let Value::Array(list) = &value else { return report(&value).map(Asked::Report) };
    match list.as_slice() {
        [] => Err(BadBody::Field("the list of reports is empty".to_owned())),
        [only] => report(only).map(Asked::Report),
        several if several.len() > MOST => Err(BadBody::Field(format!("the list has more than {MOST} reports"))),
        several => readable(several).map(Asked::Reports),
    }
}

/// Those of several reports that can be read. One that cannot is left to the hourly sync: refused with the others it
/// would take them with it. A list without any that can be read is refused as its first one is.
fn readable(several: &[Value]) -> Result<Vec<Callback>, BadBody> {
    let (mut read, mut wrong) = (Vec::new(), None);
    for value in several {
        match report(value) {
            Ok(callback) => read.push(callback),
            Err(why) => {
                tracing::warn!(reason = %why, "a report in a push of several cannot be read");
                wrong.get_or_insert(why);
            }
        }
    }
    match wrong {
        Some(why) if read.is_empty() => Err(why),
        _ => Ok(read),
    }
}

/// Reads `status_update` and `completed` alike. `report_url` is signed and expires, so it is not kept: our own link
/// fetches the report afresh. Name and e-mail address are not read at all.
fn report(value: &Value) -> Result<Callback, BadBody> {
    let missing = |field: &str| BadBody::Field(format!("the field `{field}` is missing"));
    let vendor_ref = value.get("candidate_id").and_then(wire::id).ok_or_else(|| missing("candidate_id"))?;
    let reading = wire::reading(value).ok_or_else(|| missing("overall_status_code"))?;
    let report = Report {
        source: Source::Pushed,
        reading,
        vendor_ref: Some(vendor_ref),
        profile_url: None,
        report_url: None,
        score: None,
        said_at: None,
    };
    Ok(Callback { order: wire::our_order(value), report })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::OrderId;
    use serde_json::json;

    fn one(candidate_id: i64) -> Value {
        json!({ "event": "completed", "candidate_id": candidate_id, "overall_status_code": 1,
            "overall_status": "Completed", "meta_data": { "order_id": OrderId::generate().to_string() } })
    }

    fn asked(body: &Value) -> Result<Asked, BadBody> {
        read(body.to_string().as_bytes())
    }

    #[test]
    fn a_list_of_one_is_that_one_and_a_list_of_several_keeps_their_order() {
        let (first, second) = (one(1), one(2));
        let Ok(Asked::Report(alone)) = asked(&first) else { panic!("a report") };
        assert_eq!(asked(&json!([first])), Ok(Asked::Report(alone.clone())));
        let Ok(Asked::Reports(both)) = asked(&json!([second, first])) else { panic!("reports") };
        assert_eq!(both.iter().map(|c| c.report.vendor_ref.as_deref()).collect::<Vec<_>>(), [Some("2"), Some("1")]);
        assert_eq!(both.last(), Some(&alone));
    }

    #[test]
    fn what_cannot_be_read_does_not_take_the_others_with_it() {
        let mixed = json!([{}, one(1), 7, { "candidate_id": 2 }, [one(3)]]);
        assert!(matches!(asked(&mixed), Ok(Asked::Reports(read)) if read.len() == 1));
        let refused = asked(&json!([{ "candidate_id": 2 }, {}])).expect_err("nothing to read");
        assert!(refused.to_string().contains("`overall_status_code`"), "{refused}");
    }

    #[test]
    fn a_list_is_bounded_and_not_empty() {
        let many = |count: usize| json!(vec![one(1); count]);
        assert!(matches!(asked(&many(MOST)), Ok(Asked::Reports(read)) if read.len() == MOST));
        for (list, words) in [(many(MOST + 1), "more than 100"), (json!([]), "empty")] {
            let refused = asked(&list).expect_err("refused");
            assert!(matches!(&refused, BadBody::Field(why) if why.contains(words)), "{refused}");
        }
        assert!(asked(&json!([[one(1)]])).is_err(), "a list in a list is no report");
    }
}
