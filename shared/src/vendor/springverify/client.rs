//! Calls to SpringVerify's external API.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::Value;

use super::{Found, Receipt, person, wire};
use crate::account::Account;
use crate::connection::Catalogue;
use crate::error::{Fault, FaultKind};
use crate::order::{Candidate, Order, Reading, Report, State, Status};
use crate::outbound::{Call, Content, fault_of_status, join};

/// The operation that lists candidates, in errors and logs.
const LIST: &str = "candidate/details (list)";

/// Where the list may be: its path is in no official document.
const LIST_PATHS: [&str; 2] = ["candidate/details", "candidate"];

/// Candidates asked for per page of the list.
const PAGE: usize = 100;

/// Pages read at most; an account with more cannot prove that an order is absent, and a person is asked.
const PAGES: usize = 50;

/// `GET candidate/packages`.
pub(super) async fn catalogue(account: &Account<'_>) -> Result<Catalogue, Fault> {
    let operation = "candidate/packages";
    let body = call(account, operation, Method::GET, "external/v1/candidate/packages", None).await?;
    wire::catalogue(&body).ok_or_else(|| Fault::new(FaultKind::Unexpected, operation, "no list of packages"))
}

/// `POST candidate/add`: the paid step. A 200 without `candidate_id` may have been paid for.
pub(super) async fn place(account: &Account<'_>, order: &Order, candidate: &Candidate) -> Result<Receipt, Fault> {
    let operation = "candidate/add";
    let refused = |why| Fault::new(FaultKind::DataRefused, operation, "not sent").said(Some(why));
    let name = person::name(candidate).map_err(refused)?;
    let phone = candidate.phone.as_deref().map(person::phone).transpose().map_err(refused)?;
    let body = wire::add(order, &name, &candidate.email, phone.as_deref());
    let answer = call(account, operation, Method::POST, "external/v1/candidate/add", Some(body)).await?;
    let data = answer.get("data").unwrap_or(&answer);
    receipt(data).ok_or_else(|| Fault::new(FaultKind::Unexpected, operation, "an answer without candidate_id"))
}

fn receipt(data: &Value) -> Option<Receipt> {
    let vendor_ref = wire::id(data.get("candidate_id")?)?;
    // New candidates start as code 3; the answer itself carries no status.
    let status = wire::reading(data)
        .and_then(known)
        .unwrap_or_else(|| Status::plain(State::AwaitingCandidate, "Awaiting Input"));
    Some(Receipt { vendor_ref, invitation: None, profile_url: None, status })
}

fn known(reading: Reading) -> Option<Status> {
    match reading {
        Reading::Known(status) => Some(status),
        Reading::Unknown { .. } => None,
    }
}

/// `GET candidate/details`.
pub(super) async fn ask(account: &Account<'_>, vendor_ref: &str) -> Result<Report, Fault> {
    let operation = "candidate/details";
    let data = details(account, vendor_ref).await?;
    let reading = wire::reading(&data)
        .ok_or_else(|| Fault::new(FaultKind::Unexpected, operation, "an answer without overall_status_code"))?;
    Ok(Report { vendor_ref: Some(vendor_ref.to_owned()), ..Report::saying(reading) })
}

async fn details(account: &Account<'_>, vendor_ref: &str) -> Result<Value, Fault> {
    let path = format!("external/v1/candidate/details?candidate_id={vendor_ref}");
    let body = call(account, "candidate/details", Method::GET, &path, None).await?;
    let data = body.get("data").unwrap_or(&body);
    Ok(data.get(0).unwrap_or(data).clone())
}

/// Looks through the list for our order id and for the candidate. An entry that echoes our id is ours. Without an echo
/// one with the candidate's e-mail address is taken for ours only while it is fresh: a check that has gone further may
/// be an older one of the same person, and its result must not be shown for this order. A candidate without an address
/// has nothing that only one person has, so without an echo nothing is theirs for certain.
///
/// Only an empty page ends the list: the vendor may give fewer entries per page than were asked for.
pub(super) async fn find(account: &Account<'_>, order: &Order, candidate: &Candidate) -> Result<Found, Fault> {
    let (mut doubtful, mut offset) = (None, 0);
    for _ in 0..PAGES {
        let entries = page(account, offset).await?;
        if entries.is_empty() {
            return Ok(doubtful.unwrap_or(Found::Absent));
        }
        for entry in &entries {
            match judge(account, entry, order, candidate).await? {
                Found::Absent | Found::Repeatable | Found::Unknowable => {}
                found @ Found::Doubtful { .. } => doubtful = Some(found),
                ours @ Found::Ours { .. } => return Ok(ours),
            }
        }
        offset += entries.len();
    }
    // More candidates than can be looked through: only a person can tell.
    Ok(doubtful.unwrap_or(Found::Unknowable))
}

/// One page of the list, at the first of the plausible paths that gives one.
async fn page(account: &Account<'_>, offset: usize) -> Result<Vec<Value>, Fault> {
    let mut refused = Fault::new(FaultKind::Unexpected, LIST, "no list of candidates");
    for base in LIST_PATHS {
        let path = format!("external/v1/{base}?limit={PAGE}&offset={offset}");
        match call(account, LIST, Method::GET, &path, None).await {
            Ok(body) => {
                if let Some(entries) = body.get("data").unwrap_or(&body).as_array() {
                    return Ok(entries.clone());
                }
            }
            Err(fault) if matches!(fault.kind, FaultKind::NotFound | FaultKind::DataRefused) => refused = fault,
            Err(fault) => return Err(fault),
        }
    }
    Err(refused)
}

/// What a listed entry has in common with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Common {
    Nothing,
    OrderId,
    Address,
    /// The phone number, or without one the name, of a candidate without an address: it may be ours.
    Likeness,
}

fn in_common(entry: &Value, order: &Order, candidate: &Candidate) -> Common {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().trim();
    let address = candidate.email.trim();
    if wire::our_order(entry) == Some(order.id) {
        return Common::OrderId;
    }
    if !address.is_empty() {
        let same = text("email").eq_ignore_ascii_case(address);
        return if same { Common::Address } else { Common::Nothing };
    }
    let alike = match candidate.phone.as_deref() {
        Some(phone) => person::phone(phone).is_ok_and(|ours| listed_phone(entry) == Some(ours)),
        None => person::name(candidate).is_ok_and(|ours| text("name").eq_ignore_ascii_case(&ours)),
    };
    if alike { Common::Likeness } else { Common::Nothing }
}

/// The phone number of a listed entry, as we would have sent it.
fn listed_phone(entry: &Value) -> Option<String> {
    let given = ["phone_number", "phone"].iter().find_map(|key| entry.get(key).filter(|value| !value.is_null()))?;
    let digits = given.as_i64().map(|number| number.to_string());
    person::phone(digits.as_deref().or_else(|| given.as_str())?).ok()
}

async fn judge(account: &Account<'_>, entry: &Value, order: &Order, candidate: &Candidate) -> Result<Found, Fault> {
    let Some(vendor_ref) = entry.get("candidate_id").and_then(wire::id) else { return Ok(Found::Absent) };
    let common = in_common(entry, order, candidate);
    if common == Common::Nothing {
        return Ok(Found::Absent);
    }
    let full = details(account, &vendor_ref).await?;
    let echoed = wire::our_order(&full).or_else(|| wire::our_order(entry));
    let status = wire::reading(&full).and_then(known).unwrap_or_else(|| Status::plain(State::Ordered, "Placed"));
    let receipt = Receipt { vendor_ref: vendor_ref.clone(), invitation: None, profile_url: None, status };
    let ours = |proved| Found::Ours { receipt, proved };
    Ok(match echoed {
        Some(id) if id == order.id => ours(true),
        // It is another order's, and proves nothing about this one.
        Some(_) => Found::Absent,
        None if common == Common::Address && wire::is_fresh(&full) => ours(false),
        None => Found::Doubtful { vendor_ref },
    })
}

/// `GET candidate/report/pdf`.
pub(super) async fn report_pdf(account: &Account<'_>, vendor_ref: &str) -> Result<Bytes, Fault> {
    let operation = "candidate/report/pdf";
    let path = format!("external/v1/candidate/report/pdf?candidate_id={vendor_ref}&report_type=base_64");
    let body = call(account, operation, Method::GET, &path, None).await?;
    let text = body.get("report").or_else(|| body.get("data")?.get("report")).and_then(Value::as_str);
    let text = text.ok_or_else(|| Fault::new(FaultKind::Unexpected, operation, "an answer without a report"))?;
    let pure: String = text.rsplit(',').next().unwrap_or_default().split_whitespace().collect();
    let pdf = STANDARD.decode(pure).ok().filter(|bytes| bytes.starts_with(b"%PDF"));
    pdf.map(Bytes::from).ok_or_else(|| Fault::new(FaultKind::Unexpected, operation, "the report is not a PDF"))
}

async fn call(
    account: &Account<'_>,
    operation: &'static str,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> Result<Value, Fault> {
    let bad_url = |_| Fault::new(FaultKind::Forbidden, operation, "the base URL cannot be joined").not_sent();
    let url = join(account.base_url, path).map_err(bad_url)?;
    let mut headers = HeaderMap::new();
    if let Ok(mut bearer) = HeaderValue::from_str(&format!("Bearer {}", account.key)) {
        bearer.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, bearer);
    }
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let body = body.map(Content::Json);
    let reply = account.outbound.send(Call { operation, method, url, headers, body, timeout: account.timeout }).await?;
    let answer = reply.json();
    match fault_of_status(operation, &reply) {
        Some(fault) => Err(fault.said(answer.as_ref().and_then(wire::words))),
        None => answer.ok_or_else(|| Fault::new(FaultKind::Unexpected, operation, "an answer that is not JSON")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{AtsReference, ConnectionId, OrderId, Package};
    use jiff::Timestamp;
    use serde_json::json;

    /// What an entry has in common with an order for Asha Rao, by what is known of her.
    fn common(email: &str, phone: Option<&str>, entry: &Value) -> Common {
        let candidate = Candidate {
            first_name: "Asha".to_owned(),
            last_name: "Rao".to_owned(),
            email: email.to_owned(),
            phone: phone.map(str::to_owned),
        };
        let package = Package { id: "4238".to_owned(), name: "Gold".to_owned(), description: String::new() };
        let nobody = ConnectionId::from_random([1; 8]);
        let order = Order::new(nobody, AtsReference::default(), package, Timestamp::UNIX_EPOCH);
        let mut entry = entry.clone();
        if let Some(echo) = entry.pointer_mut("/meta_data/order_id").filter(|echo| echo.as_str() == Some("ours")) {
            *echo = json!(order.id.to_string());
        }
        in_common(&entry, &order, &candidate)
    }

    #[test]
    fn an_address_that_is_not_there_is_no_address_in_common() {
        for entry in [json!({ "email": "" }), json!({ "email": null }), json!({}), json!({ "email": "nila@b.in" })] {
            for empty in ["", " "] {
                assert_eq!(common(empty, Some("9876543210"), &entry), Common::Nothing, "{entry}");
            }
            assert_eq!(common("asha@example.com", None, &entry), Common::Nothing, "{entry}");
        }
        let entry = json!({ "email": " Asha@Example.com", "phone_number": "9000000001" });
        assert_eq!(common("asha@example.com", Some("9876543210"), &entry), Common::Address);
    }

    #[test]
    fn without_an_address_the_number_or_without_both_the_name_is_no_more_than_a_likeness() {
        let listed = |phone: Value| json!({ "email": "", "name": "asha rao", "phone_number": phone });
        for phone in [json!("9876543210"), json!("+91 98765 43210"), json!(9_876_543_210_i64)] {
            assert_eq!(common("", Some("+91 98765 43210"), &listed(phone.clone())), Common::Likeness, "{phone}");
        }
        assert_eq!(common("", Some("9876543210"), &json!({ "phone": "9876543210" })), Common::Likeness);
        for phone in [json!("9000000001"), json!(""), json!(null)] {
            assert_eq!(common("", Some("9876543210"), &listed(phone.clone())), Common::Nothing, "{phone}");
            assert_eq!(common("", None, &listed(phone.clone())), Common::Likeness, "{phone}");
        }
        assert_eq!(common("", None, &json!({ "email": "", "name": "Nila Bose" })), Common::Nothing);
    }

    #[test]
    fn our_order_id_is_ours_whatever_else_is_known() {
        let echoed = json!({ "email": "", "meta_data": { "order_id": "ours" } });
        for (email, phone) in [("", None), ("", Some("9876543210")), ("asha@example.com", None)] {
            assert_eq!(common(email, phone, &echoed), Common::OrderId);
        }
        let other = json!({ "email": "", "meta_data": { "order_id": OrderId::generate().to_string() } });
        assert_eq!(common("", Some("9876543210"), &other), Common::Nothing);
    }
}
