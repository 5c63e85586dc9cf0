//! The door for SmartRecruiters' calls: which path leads where, who may call, and how a refusal looks.

use std::borrow::Cow;

use http::{HeaderMap, Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::orders::{self, Kind};
use super::{consent, disconnect, inline, oauth, wire};
use crate::connection::{Catalogue, Connection};
use crate::error::{Fault, FaultKind};
use crate::flow::{Services, packages};
use crate::inbound::{self, Answer, BadBody, Request};
use crate::order::Package;
use crate::signature::Verified;

/// Answers one request of SmartRecruiters', or of a browser that it sent.
pub async fn handle(services: &Services, request: Request) -> Answer {
    let path = request.uri().path().to_owned();
    let parts = inbound::segments(&path);
    let begins = |part: &str| matches!(part, "connect" | "oauth" | "inline" | "packages" | "integrations");
    let below = inbound::below(&parts, "smartrecruiters", begins).unwrap_or_default();
    match below {
        ["connect"] => consent::handle(services, &request).await,
        ["oauth", "token"] => oauth::handle(services, &request).await,
        ["inline", order] => inline::handle(services, &request, order).await,
        _ => match Endpoint::of(request.method(), below) {
            Ok(endpoint) => endpoint.answer(services, &request).await.unwrap_or_else(Refusal::answer),
            Err(no) => no.answer(),
        },
    }
}

/// A refusal, in SmartRecruiters' error shape.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(super) fn stranger() -> Self {
        let message = "The access token is missing, has expired, or was not given by this token endpoint.";
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", message)
    }

    pub(super) fn foreign_company() -> Self {
        Self::new(StatusCode::FORBIDDEN, "FOREIGN_COMPANY", "The access token belongs to another company.")
    }

    pub(super) fn unknown_package(message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "PACKAGE_NOT_FOUND", message)
    }

    fn answer(self) -> Answer {
        inbound::json(self.status, &wire::error(self.code, &self.message))
    }
}

impl From<BadBody> for Refusal {
    fn from(bad: BadBody) -> Self {
        // 422 is not among the statuses that SmartRecruiters documents.
        let status = match bad {
            BadBody::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::BAD_REQUEST,
        };
        Self::new(status, bad.code(), format!("Crosscheck cannot read this request: {bad}."))
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        tracing::error!(fault = %fault, "door cannot answer");
        let message = "Crosscheck cannot reach its own storage at the moment. Try again in a minute.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "TEMPORARILY_UNAVAILABLE", message)
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Endpoint {
    List,
    One(String),
    Order(Kind),
    Disconnect(Option<String>),
}

impl Endpoint {
    /// The endpoint at this path; the last part of a path may be an id that was put in or appended.
    fn of(method: &Method, below: &[&str]) -> Result<Self, Refusal> {
        let (endpoint, wanted) = match below {
            ["packages"] => (Self::List, Method::GET),
            ["packages", "orders"] => (Self::Order(Kind::Candidate), Method::POST),
            ["packages", "inline", "orders"] => (Self::Order(Kind::Inline), Method::POST),
            ["packages", id] => (Self::One(decoded(id)), Method::GET),
            ["integrations", "companies"] => (Self::Disconnect(None), Method::DELETE),
            ["integrations", "companies", id] => (Self::Disconnect(Some(decoded(id))), Method::DELETE),
            _ => return Err(Refusal::new(StatusCode::NOT_FOUND, "UNKNOWN_PATH", inbound::NO_SUCH_ADDRESS)),
        };
        if *method == wanted {
            return Ok(endpoint);
        }
        let message = format!("This path takes {wanted}.");
        Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message))
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::List => "packages",
            Self::One(_) => "package",
            Self::Order(Kind::Candidate) => "order",
            Self::Order(Kind::Inline) => "inline order",
            Self::Disconnect(_) => "disconnect",
        }
    }

    async fn answer(self, services: &Services, request: &Request) -> Result<Answer, Refusal> {
        if let Self::Disconnect(company) = &self {
            disconnect::disconnect(services, request, company.as_deref()).await?;
            return Ok(nothing());
        }
        let caller = oauth::caller(services, request).await?.ok_or_else(Refusal::stranger)?;
        let requester = requester_shape(request.headers());
        tracing::info!(connection_id = %caller.connection().id, endpoint = self.name(), requester,
            "smartrecruiters calls");
        match self {
            Self::List => list(services, &caller).await,
            Self::One(id) => one(services, &caller, &id).await,
            Self::Order(kind) => orders::order(services, &caller, kind).await,
            Self::Disconnect(_) => Ok(nothing()),
        }
    }
}

fn nothing() -> Answer {
    let mut answer = inbound::answer(StatusCode::NO_CONTENT, "application/json", bytes::Bytes::new());
    answer.headers_mut().remove(http::header::CONTENT_TYPE);
    answer
}

/// In which form the recruiter's address was sent, for the log: documents disagree. Nothing else depends on it, and the
/// address itself is not read.
fn requester_shape(headers: &HeaderMap) -> &'static str {
    match headers.get("requester").map(|value| value.as_bytes().trim_ascii_start()) {
        None => "absent",
        Some([b'{', ..]) => "json",
        Some(_) => "simple",
    }
}

async fn offered(services: &Services, connection: &Connection) -> Result<Catalogue, Refusal> {
    packages(services, connection).await.map_err(|fault| {
        let vendor = connection.vendor.title();
        let (code, message) = match fault.kind {
            FaultKind::Platform => return Refusal::from(fault),
            kind if kind.is_refusal() => {
                ("VENDOR_REFUSED_KEY", format!("{vendor} refused the key of this connection."))
            }
            _ => ("VENDOR_UNAVAILABLE", format!("{vendor} did not give its package list. Try again.")),
        };
        tracing::warn!(connection_id = %connection.id, fault = %fault, "no package list");
        Refusal::new(StatusCode::BAD_GATEWAY, code, message)
    })
}

/// Every package. Location, custom fields and requester of the call are ignored: the vendor has one list for all.
async fn list(services: &Services, caller: &Verified) -> Result<Answer, Refusal> {
    let catalogue = offered(services, caller.connection()).await?;
    if catalogue.packages.is_empty() {
        return Ok(nothing());
    }
    let all: Value = catalogue.packages.iter().map(wire::package).collect();
    Ok(inbound::json(StatusCode::OK, &all))
}

async fn one(services: &Services, caller: &Verified, id: &str) -> Result<Answer, Refusal> {
    let named = |package: &&Package| package.id == id;
    let catalogue = offered(services, caller.connection()).await?;
    let unknown = || Refusal::unknown_package("There is no such package.");
    let found = catalogue.packages.iter().find(named).ok_or_else(unknown)?;
    Ok(inbound::json(StatusCode::OK, &wire::package(found)))
}

/// The answer to an order that was taken.
pub(super) fn accepted() -> Answer {
    inbound::json(StatusCode::ACCEPTED, &json!({}))
}

/// One part of a path, percent-decoded. A `%` that begins no sequence stays as it is.
fn decoded(part: &str) -> String {
    percent_decode_str(part).decode_utf8().map_or_else(|_| part.to_owned(), Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_their_endpoints_by_their_own_method_only() {
        for (method, path, endpoint) in [
            (Method::GET, "packages", Endpoint::List),
            (Method::GET, "packages/a%2Fb%20c", Endpoint::One("a/b c".to_owned())),
            (Method::POST, "packages/orders", Endpoint::Order(Kind::Candidate)),
            (Method::POST, "packages/inline/orders", Endpoint::Order(Kind::Inline)),
            (Method::DELETE, "integrations/companies/Acme-1", Endpoint::Disconnect(Some("Acme-1".to_owned()))),
            (Method::DELETE, "integrations/companies", Endpoint::Disconnect(None)),
        ] {
            let below = inbound::segments(path);
            assert_eq!(Endpoint::of(&method, &below).ok().as_ref(), Some(&endpoint), "{path}");
            let other = Endpoint::of(&Method::PUT, &below).expect_err("another method");
            assert_eq!(other.status, StatusCode::METHOD_NOT_ALLOWED);
        }
        for path in ["", "packages/a/b", "integrations", "packages/inline/orders/x", "orders"] {
            let no = Endpoint::of(&Method::GET, &inbound::segments(path)).expect_err("no such path");
            assert_eq!(no.status, StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[test]
    fn ids_are_decoded_and_odd_ones_stay() {
        for (part, id) in [("4238", "4238"), ("a%2fb", "a/b"), ("%C3%A9", "é"), ("a+b", "a+b"), ("100%", "100%")] {
            assert_eq!(decoded(part), id);
        }
        for odd in ["%zz", "%+1", "%f", "%FF"] {
            assert_eq!(decoded(odd), odd);
        }
    }

    #[test]
    fn the_requester_is_recognised_in_every_form_and_never_fails() {
        let shape = |value: Option<&[u8]>| {
            let mut headers = HeaderMap::new();
            headers.extend(value.map(|value| {
                let name = http::HeaderName::from_static("requester");
                (name, http::HeaderValue::from_bytes(value).expect("a value"))
            }));
            requester_shape(&headers)
        };
        assert_eq!(shape(None), "absent");
        assert_eq!(shape(Some(b" {\"email\":\"a@b.example\"}")), "json");
        assert_eq!(shape(Some(b"email,a@b.example")), "simple");
        assert_eq!(shape(Some(b"\xff")), "simple");
        assert_eq!(shape(Some(b"")), "simple");
    }

    #[test]
    fn a_field_that_cannot_be_read_is_a_bad_request_in_their_shape() {
        let answer = Refusal::from(BadBody::Field("the field `companyId` is missing".to_owned())).answer();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        let body: Value = serde_json::from_slice(answer.body()).expect("JSON");
        assert_eq!(body["errors"][0]["code"], "invalid_field");
        assert!(body["message"].as_str().is_some_and(|text| text.contains("companyId")));
        assert_eq!(nothing().status(), StatusCode::NO_CONTENT);
    }
}
