//! StackOne's unified ATS API as far as a vendor calls it: packages, orders, their candidates and their results.

use http::Method;
use serde_json::Value;
use url::form_urlencoded::parse;

use super::{PackageCall, VendorCall, VendorRequest, result, wire};
use crate::connection::Connection;
use crate::inbound::{BadBody, Request, credential, read_json};
use crate::order::OrderId;
use crate::secrets::StoredKeys;
use crate::signature::{NotVerified, Verified, by_bearer};
use crate::vendor::Page;

/// The header that names the linked account.
const ACCOUNT: &str = "x-account-id";

/// Longest name of a package, in characters.
const MAX_NAME: usize = 200;

/// Longest description of a package, in characters.
const MAX_DESCRIPTION: usize = 2000;

/// Verifies the key, which is the user name of Basic, and the account. The path names the connection already, so a
/// call without the header is taken; one that names another account is not.
pub(super) fn verify(request: &Request, connection: &Connection, keys: &[StoredKeys]) -> Result<Verified, NotVerified> {
    let presented = credential(request.headers()).filter(|c| c.scheme == "basic-user").ok_or(NotVerified)?;
    if request.headers().get(ACCOUNT).is_some_and(|account| account.as_bytes() != connection.id.as_str().as_bytes()) {
        return Err(NotVerified);
    }
    let secrets = keys.iter().map(|k| k.callback_secret.as_str());
    by_bearer(connection, &presented.secret, secrets, request.body())
}

/// Reads a call. Background checks and assessments are the same here: a vendor may use either half of the API. A
/// candidate and an application are read by the id of their order, as its event gave it.
pub(super) fn read(call: VendorCall<'_>) -> Result<Option<VendorRequest>, BadBody> {
    let order = |id: &str| id.parse::<OrderId>().ok();
    let rest = match call.path {
        ["unified", "ats", "background_checks" | "assessments", rest @ ..] => rest,
        ["unified", "ats", "candidates" | "applications", id] if call.method == Method::GET => {
            return Ok(order(id).map(VendorRequest::Order));
        }
        _ => return Ok(None),
    };
    Ok(match (call.method, rest) {
        (&Method::GET, ["packages"]) => Some(VendorRequest::Packages(PackageCall::List(page(call.query)?))),
        (&Method::POST, ["packages"]) => Some(added(call.body)?),
        (&Method::GET, ["packages", id]) => Some(VendorRequest::Packages(PackageCall::Read((*id).to_owned()))),
        (&Method::PATCH, ["packages", id]) => Some(changed(id, call.body)?),
        (&Method::DELETE, ["packages", id]) => Some(VendorRequest::Packages(PackageCall::Drop((*id).to_owned()))),
        (&Method::GET, ["orders", id]) => order(id).map(VendorRequest::Order),
        (&Method::PATCH, ["orders", id, "result"]) => match order(id) {
            Some(id) => Some(VendorRequest::Update(Box::new(result::read(id, &read_json(call.body)?)?))),
            None => None,
        },
        _ => None,
    })
}

/// Which part of a list is asked for. Without `page_size` it is all that is left, as before the parts were there.
fn page(query: Option<&str>) -> Result<Page, BadBody> {
    let number = |name: &str| {
        let found = parse(query.unwrap_or_default().as_bytes()).find(|(key, _)| key == name);
        let given = found.map(|(_, value)| value.trim().to_owned()).filter(|value| !value.is_empty());
        let wrong = |_| BadBody::Field(format!("the parameter `{name}` is no number that a list of ours has given"));
        given.map(|value| value.parse::<usize>().map_err(wrong)).transpose()
    };
    Ok(Page { from: number("next")?.unwrap_or_default(), size: number("page_size")?.filter(|size| *size > 0) })
}

fn added(body: &[u8]) -> Result<VendorRequest, BadBody> {
    let body: Value = read_json(body)?;
    let name = name(&body)?.ok_or_else(|| BadBody::Field("the field `name` is missing".to_owned()))?;
    Ok(VendorRequest::Packages(PackageCall::Add { name, description: description(&body)?.unwrap_or_default() }))
}

fn changed(id: &str, body: &[u8]) -> Result<VendorRequest, BadBody> {
    let body: Value = read_json(body)?;
    if !body.is_object() {
        return Err(BadBody::Field("the body is not a JSON object of the expected shape".to_owned()));
    }
    let (id, name, description) = (id.to_owned(), name(&body)?, description(&body)?);
    Ok(VendorRequest::Packages(PackageCall::Change { id, name, description }))
}

fn name(body: &Value) -> Result<Option<String>, BadBody> {
    short("name", wire::text(body.get("name")), MAX_NAME)
}

fn description(body: &Value) -> Result<Option<String>, BadBody> {
    short("description", wire::description(body), MAX_DESCRIPTION)
}

fn short(field: &str, text: Option<String>, most: usize) -> Result<Option<String>, BadBody> {
    match text {
        Some(text) if text.chars().count() > most => {
            Err(BadBody::Field(format!("the field `{field}` has more than {most} characters")))
        }
        text => Ok(text),
    }
}
