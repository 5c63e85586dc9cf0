//! SpringVerify's webhook: a bearer secret that we chose, and a reason to ask.

use serde_json::Value;

use super::{VendorRequest, wire};
use crate::connection::Connection;
use crate::inbound::{BadBody, Request, credential, read_json};
use crate::secrets::StoredKeys;
use crate::signature::{NotVerified, Verified, by_bearer};
use crate::vendor::Notice;

/// Reports in one push at most.
const MOST: usize = 100;

/// Verifies the bearer against each of the keys that may be in force.
pub(super) fn verify(request: &Request, connection: &Connection, keys: &[StoredKeys]) -> Result<Verified, NotVerified> {
    let presented = credential(request.headers()).filter(|c| c.scheme == "bearer").ok_or(NotVerified)?;
    let secrets = keys.iter().map(|k| k.callback_secret.as_str());
    by_bearer(connection, &presented.secret, secrets, request.body())
}

/// Reads a push. SpringVerify is said to batch them, and nobody says how: a list of reports is taken as well as one.
pub(super) fn read(body: &[u8]) -> Result<VendorRequest, BadBody> {
    let value: Value = read_json(body)?;
    let Value::Array(list) = &value else { return notices(std::slice::from_ref(&value)) };
    match list.as_slice() {
        [] => Err(BadBody::Field("the list of reports is empty".to_owned())),
        several if several.len() > MOST => Err(BadBody::Field(format!("the list has more than {MOST} reports"))),
        several => notices(several),
    }
}

/// The orders that several reports are about, each once. A report that names no order is left to the hourly sync:
/// refusing it would refuse the others too. A push in which no report names an order is refused as its first report is.
fn notices(several: &[Value]) -> Result<VendorRequest, BadBody> {
    let (mut read, mut wrong) = (Vec::new(), None);
    for value in several {
        match notice(value) {
            Ok(notice) if read.contains(&notice) => {}
            Ok(notice) => read.push(notice),
            Err(why) => {
                tracing::warn!(reason = %why, "a report in a push cannot be read");
                wrong.get_or_insert(why);
            }
        }
    }
    match wrong {
        Some(why) if read.is_empty() => Err(why),
        _ => Ok(VendorRequest::Notices(read)),
    }
}

/// Reads `status_update` and `completed` alike, and of both only whom they are about.
fn notice(value: &Value) -> Result<Notice, BadBody> {
    let order = wire::our_order(value);
    let vendor_ref = value.get("candidate_id").and_then(wire::id);
    if order.is_none() && vendor_ref.is_none() {
        return Err(BadBody::Field("the field `candidate_id` is missing".to_owned()));
    }
    Ok(Notice { order, vendor_ref, invitation: None })
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

    fn read_notices(body: &Value) -> Result<Vec<Notice>, BadBody> {
        match read(body.to_string().as_bytes())? {
            VendorRequest::Notices(notices) => Ok(notices),
            other => panic!("{other:?}"),
        }
    }

    fn refs(notices: &[Notice]) -> Vec<Option<&str>> {
        notices.iter().map(|notice| notice.vendor_ref.as_deref()).collect()
    }

    #[test]
    fn a_push_needs_no_more_than_what_finds_the_order() {
        let id = OrderId::generate();
        let ours = json!({ "order_id": id.to_string() });
        for (body, order, vendor_ref) in [
            (json!({ "candidate_id": 7 }), None, Some("7")),
            (json!({ "meta_data": ours }), Some(id), None),
            (json!({ "candidate_id": [], "meta_data": ours }), Some(id), None),
            (json!({ "candidate_id": "7", "meta_data": ours, "overall_status_code": [] }), Some(id), Some("7")),
        ] {
            let expected = Notice { order, vendor_ref: vendor_ref.map(str::to_owned), invitation: None };
            assert_eq!(read_notices(&body), Ok(vec![expected]), "{body}");
        }
        for body in [json!({}), json!({ "candidate_id": null }), json!({ "overall_status_code": 1 }), json!("text")] {
            let refused = read_notices(&body).expect_err("nobody is named");
            assert!(refused.to_string().contains("`candidate_id`"), "{refused}");
        }
    }

    #[test]
    fn a_list_of_several_keeps_their_order_and_each_order_once() {
        let (first, second) = (one(1), one(2));
        assert_eq!(read_notices(&json!([first])), read_notices(&first));
        let both = read_notices(&json!([second, first, second])).expect("notices");
        assert_eq!(refs(&both), [Some("2"), Some("1")]);
    }

    #[test]
    fn what_cannot_be_read_does_not_take_the_others_with_it() {
        let mixed = json!([{}, one(1), 7, { "candidate_id": 2 }, [one(3)]]);
        assert_eq!(refs(&read_notices(&mixed).expect("notices")), [Some("1"), Some("2")]);
        assert!(read_notices(&json!([{ "overall_status_code": 1 }, {}])).is_err());
    }

    #[test]
    fn a_list_is_bounded_and_not_empty() {
        let many = |count: i64| json!((0..count).map(one).collect::<Vec<_>>());
        assert_eq!(read_notices(&many(100)).map(|read| read.len()), Ok(MOST));
        for (list, words) in [(many(101), "more than 100"), (json!([]), "empty")] {
            let refused = read_notices(&list).expect_err("refused");
            assert!(matches!(&refused, BadBody::Field(why) if why.contains(words)), "{refused}");
        }
        assert!(read_notices(&json!([[one(1)]])).is_err(), "a list in a list is no report");
    }
}
