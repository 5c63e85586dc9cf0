//! The part of Checkr's API that orders a check and reads how it stands.

use super::super::call::Call;
use super::super::caller::read_basic;
use super::super::lock;
use super::super::reply::Reply;
use super::super::server::Serves;
use super::account::Account;
use super::idempotency::Keys;
use super::page::page;
use super::refusal::{Refused, limits};
use super::request::{check_candidate, check_invitation, text, unknown_keys};
use super::{clock, document, show};
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex};

/// What is left of the 1,200 requests of a minute, and when the next minute starts: the figures are
/// shown and not counted, since a test asks for a 429 by a fault.
const REMAINING: u32 = 1199;
const RESET_S: i64 = 60;

pub(super) struct Api {
    pub(super) account: Arc<Mutex<Account>>,
    pub(super) keys: Arc<Mutex<Keys>>,
}

impl Serves for Api {
    fn operation(&self, call: &Call) -> String {
        let path = call.path.trim_start_matches('/');
        let path = path.strip_prefix("v1/").unwrap_or(path);
        let parts: Vec<_> = path.split('/').collect();
        let verb = match (call.method.as_str(), parts.as_slice()) {
            ("GET", ["download", _]) => return "download".into(),
            ("POST", [_]) => "create",
            ("GET", [_]) => "list",
            ("GET", [_, _]) => "get",
            ("DELETE", [_, _]) => "delete",
            ("POST", [_, _, "complete"]) => "complete",
            _ => return format!("{} {path}", call.method),
        };
        format!("{}.{verb}", parts.first().copied().unwrap_or_default())
    }

    fn answer(&self, call: &Call) -> Reply {
        let mut account = lock(&self.account);
        let operation = self.operation(call);
        if operation == "download" {
            return download(&account, call);
        }
        let shape = account.error_shape;
        let reply = match authenticate(&account, call) {
            Err(refused) => refused.reply(shape),
            Ok(()) if call.method == "POST" => lock(&self.keys).once(&mut account, &operation, call, respond),
            Ok(()) => respond(&mut account, &operation, call),
        };
        limits(reply, REMAINING, RESET_S)
    }
}

/// The key is the user name; Checkr's guide leaves the password empty and says nothing of another.
fn authenticate(account: &Account, call: &Call) -> Result<(), Refused> {
    let user = read_basic(call.header("authorization")).map(|(user, _)| user);
    if user.is_none_or(|user| user != account.api_key) {
        return Err(Refused::new(401, "Bad authentication error"));
    }
    Ok(())
}

fn respond(account: &mut Account, operation: &str, call: &Call) -> Reply {
    let shape = account.error_shape;
    let done = match operation {
        "candidates.create" | "invitations.create" => create(account, operation, call).map(|shown| (201, shown)),
        _ => read_or_change(account, operation, call).map(|shown| (200, shown)),
    };
    match done {
        Ok((status, shown)) => Reply::json(status, &shown),
        Err(refused) => refused.reply(shape),
    }
}

fn create(account: &mut Account, operation: &str, call: &Call) -> Result<Value, Refused> {
    let body = read_body(account, operation, call)?;
    for key in unknown_keys(operation, &body) {
        account.violation(operation, format!("there is no field {key:?}"));
    }
    if operation == "candidates.create" {
        check_candidate(&body)?;
        return account.add_candidate(&body);
    }
    check_invitation(&body, &account.nodes)?;
    let shown = account.add_invitation(&body)?;
    account.creates += 1;
    Ok(shown)
}

/// What is not announced as JSON is read as a form, in which a JSON body has no field at all.
fn read_body(account: &mut Account, operation: &str, call: &Call) -> Result<Map<String, Value>, Refused> {
    if !call.header("content-type").starts_with("application/json") {
        account.violation(operation, "the body is not announced as application/json");
        return Ok(Map::new());
    }
    let Some(Value::Object(body)) = call.json() else {
        account.violation(operation, "the body is no JSON object");
        return Err(Refused::new(400, "Malformed JSON"));
    };
    Ok(body)
}

fn read_or_change(account: &mut Account, operation: &str, call: &Call) -> Result<Value, Refused> {
    let id = call.path.split('/').nth(3).unwrap_or_default();
    match operation {
        "packages.list" => {
            let items: Vec<_> = account.packages.iter().map(show::package).collect();
            page(&account.origin, call, &[], &items)
        }
        "candidates.list" => candidates(account, call),
        "candidates.get" => account.candidate(id).map(show::candidate).ok_or_else(Refused::not_found),
        "invitations.list" => invitations(account, call),
        "invitations.get" => {
            let deleted_too = call.query("include_deleted") == Some("true");
            let found = account.invitation(id).filter(|one| deleted_too || one.deleted_at.is_none());
            found.map(show::invitation).ok_or_else(Refused::not_found)
        }
        "invitations.delete" => cancel(account, id),
        "reports.get" => report(account, id, call.query("include").unwrap_or_default()),
        "reports.complete" => complete_now(account, id),
        "documents.get" => {
            let found = account.reports.iter().find(|one| one.document_id.as_deref() == Some(id));
            let report_id = found.map(|one| one.id.clone()).ok_or_else(Refused::not_found)?;
            let link = account.link(&report_id);
            Ok(show::document(id, &report_id, &link))
        }
        _ => Err(Refused::not_found()),
    }
}

fn candidates(account: &Account, call: &Call) -> Result<Value, Refused> {
    const FILTERS: [&str; 2] = ["email", "custom_id"];
    let fits = |given: &Map<String, Value>| {
        FILTERS.iter().all(|key| call.query(key).is_none_or(|wanted| text(given, key) == wanted))
    };
    let found = account.candidates.iter().filter(|one| one.is_listed() && fits(&one.given));
    page(&account.origin, call, &FILTERS, &found.map(show::candidate).collect::<Vec<_>>())
}

fn invitations(account: &Account, call: &Call) -> Result<Value, Refused> {
    let status = call.query("status");
    if status.is_some_and(|status| !["pending", "completed", "expired"].contains(&status)) {
        return Err(Refused::new(400, "status must be pending, completed or expired"));
    }
    let candidate = call.query("candidate_id");
    let found = account.invitations.iter().filter(|one| {
        one.is_listed()
            && status.is_none_or(|status| one.status == status)
            && candidate.is_none_or(|id| one.candidate_id == id)
    });
    page(&account.origin, call, &["candidate_id", "status"], &found.map(show::invitation).collect::<Vec<_>>())
}

/// Only a pending invitation can be cancelled: what happens to another one is not published.
fn cancel(account: &mut Account, id: &str) -> Result<Value, Refused> {
    account.invitation(id).filter(|one| one.deleted_at.is_none()).ok_or_else(Refused::not_found)?;
    let delete = account.change_invitation(id, "invitation.deleted", |one| one.deleted_at = Some(clock::now()));
    delete.map_err(|_| Refused::new(400, "Only a pending invitation can be canceled"))
}

fn report(account: &mut Account, id: &str, include: &str) -> Result<Value, Refused> {
    let report = account.report(id).ok_or_else(Refused::not_found)?.clone();
    let mut shown = show::report(&report);
    let included = |name: &str| include.split(',').any(|one| one == name);
    let mut add = |key: &str, value: Value| {
        if let Some(shown) = shown.as_object_mut() {
            shown.insert(key.into(), value);
        }
    };
    if included("candidate") {
        add("candidate", account.candidate(&report.candidate_id).map(show::candidate).unwrap_or_default());
    }
    if included("documents") {
        let link = account.link(&report.id);
        let documents: Vec<_> = report.document_id.iter().map(|id| show::document(id, &report.id, &link)).collect();
        add("documents", json!(documents));
    }
    Ok(shown)
}

/// "Complete now": what is not screened yet is canceled, and with it the report if nothing was.
fn complete_now(account: &mut Account, id: &str) -> Result<Value, Refused> {
    let report = account.report(id).ok_or_else(Refused::not_found)?;
    if ["complete", "canceled"].contains(&report.status.as_str()) {
        return Err(Refused::new(400, "Report is already complete"));
    }
    let (event, status, result) = if report.screened {
        ("report.completed", "complete", Some("clear"))
    } else {
        ("report.canceled", "canceled", None)
    };
    if report.screened {
        account.change_report(id, "report.updated", |_| {}).map_err(|_| Refused::not_found())?;
    }
    account.change_report(id, event, |one| one.becomes(status, result)).map_err(|_| Refused::not_found())
}

/// A download link asks for no key, and answers as object storage does when it is too old.
fn download(account: &Account, call: &Call) -> Reply {
    let linked = call.query("signature").and_then(|signature| account.linked(signature));
    match linked.filter(|id| call.path == format!("/download/{id}.pdf")) {
        Some(id) => Reply::bytes(200, "application/pdf", document::pdf(id)),
        None => Reply::text(403, "application/xml", "<Error><Code>AccessDenied</Code></Error>"),
    }
}
