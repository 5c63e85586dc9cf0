//! SpringVerify's external API.

use super::super::call::Call;
use super::super::lock;
use super::super::reply::Reply;
use super::super::server::Serves;
use super::account::{Account, Candidate};
use super::report::pdf;
use super::request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// The list's page size, if the caller names none, and the most it may name: neither is public.
const PAGE: usize = 10;
const PAGE_LIMIT: usize = 100;

pub(super) struct Api(pub(super) Arc<Mutex<Account>>);

impl Serves for Api {
    fn operation(&self, call: &Call) -> String {
        let path = call.path.trim_start_matches('/');
        let path = path.strip_prefix("external/v1/").unwrap_or(path);
        let listed = path == "candidate" || path == "candidate/details";
        if listed && call.query("candidate_id").is_none() {
            return "candidate/list".into();
        }
        if path.starts_with("reports/") {
            return "reports".into();
        }
        path.to_owned()
    }

    fn answer(&self, call: &Call) -> Reply {
        let mut account = lock(&self.0);
        let operation = self.operation(call);
        if operation == "reports" {
            return follow_link(&account, call);
        }
        if call.header("authorization") != format!("Bearer {}", account.token) {
            return refuse(401, "Unauthorized");
        }
        match (call.method.as_str(), operation.as_str()) {
            ("GET", "candidate/packages") => packages(&account),
            ("POST", "candidate/add") => add(&mut account, call),
            ("GET", "candidate/details") => details(&account, call),
            ("GET", "candidate/list") => list(&account, call),
            ("GET", "candidate/report/pdf") => report(&account, call),
            _ => refuse(404, "Not found"),
        }
    }
}

fn refuse(status: u16, msg: &str) -> Reply {
    Reply::json(status, &json!({ "msg": msg }))
}

fn packages(account: &Account) -> Reply {
    let package = |one: &super::Package| {
        json!({"package_id": one.package_id, "package_name": one.package_name,
            "subtype_id": one.subtype_id, "subtype_name": one.subtype_name})
    };
    let packages: Vec<_> = account.packages.iter().map(package).collect();
    let data = json!({
        "categories": [{"id": 1, "category_name": "Employee"}],
        "tags": [{"id": 1, "category": "Full time"}],
        "credit_balance": account.credit_balance,
        "is_email_optional": i64::from(account.email_optional),
        "is_resume_optional": 1,
        "required_fields": account.required_fields,
        "packages": packages,
    });
    Reply::json(200, &json!({ "data": data }))
}

fn add(account: &mut Account, call: &Call) -> Reply {
    let Some(body) = call.json() else {
        return Reply::json(400, &json!({"errors": [{"path": "", "msg": "Invalid JSON"}]}));
    };
    let new = match request::read(&body, &account.rules()) {
        Ok(new) => new,
        Err(errors) => return Reply::json(422, &json!({ "errors": errors })),
    };
    if account.has_double(&new) {
        return refuse(409, "Candidate already exists");
    }
    let meta_data = new.meta_data.clone();
    let id = account.add(new);
    account.creates += 1;
    let bgv_url = format!("{}/candidate/bgv?token={}", account.base_url, super::new_id());
    let data = json!({"candidate_id": id, "bgv_url": bgv_url, "meta_data": meta_data});
    Reply::json(200, &json!({"message": "Candidate added successfully", "data": data}))
}

fn asked<'a>(account: &'a Account, call: &Call) -> Result<&'a Candidate, Reply> {
    let id = call.query("candidate_id").and_then(|id| id.parse().ok());
    let id = id.ok_or_else(|| refuse(422, "candidate_id must be a number"))?;
    account.candidate(id).ok_or_else(|| refuse(404, "Candidate not found"))
}

fn details(account: &Account, call: &Call) -> Reply {
    let candidate = match asked(account, call) {
        Ok(candidate) => candidate,
        Err(refusal) => return refusal,
    };
    let mut data = json!({
        "overall_status_code": candidate.status.code,
        "overall_status": candidate.status.word,
        "completion_date": candidate.completed,
    });
    add_meta_data(account, candidate, &mut data);
    Reply::json(200, &json!({ "data": data }))
}

/// Oldest first, so that a caller who reads one page only does not find the newest.
fn list(account: &Account, call: &Call) -> Reply {
    let number = |key, otherwise| call.query(key).map_or(Some(otherwise), |text| text.parse().ok());
    let (Some(limit), Some(offset)) = (number("limit", PAGE), number("offset", 0)) else {
        return refuse(422, "limit and offset must be numbers");
    };
    let page = account.candidates.iter().skip(offset).take(limit.min(PAGE_LIMIT));
    let rows: Vec<_> = page.map(|one| list_row(account, one)).collect();
    Reply::json(200, &json!({"success": true, "data": rows}))
}

fn list_row(account: &Account, candidate: &Candidate) -> Value {
    let mut row = json!({
        "candidate_id": candidate.id,
        "name": candidate.new.name,
        "email": candidate.new.email,
        "phone_number": candidate.new.phone,
        "overall_status": candidate.status.word,
    });
    add_meta_data(account, candidate, &mut row);
    row
}

fn add_meta_data(account: &Account, candidate: &Candidate, to: &mut Value) {
    if let Some(to) = to.as_object_mut().filter(|_| account.meta_data_in_reads) {
        to.insert("meta_data".into(), candidate.new.meta_data.clone());
    }
}

fn report(account: &Account, call: &Call) -> Reply {
    if call.query("report_type") != Some("base_64") {
        return refuse(422, "report_type must be base_64");
    }
    match asked(account, call) {
        Err(refusal) => refusal,
        Ok(candidate) if !candidate.status.is_finished() => refuse(404, "Report is not ready"),
        Ok(candidate) => {
            let report = STANDARD.encode(pdf(candidate.id));
            Reply::json(200, &json!({ "report": report }))
        }
    }
}

/// A signed link asks for no token, and answers as object storage does when it is too old.
fn follow_link(account: &Account, call: &Call) -> Reply {
    let linked = call.query("signature").and_then(|signature| account.linked(signature));
    match linked.filter(|id| call.path == format!("/reports/{id}.pdf")) {
        Some(id) => Reply::bytes(200, "application/pdf", pdf(id)),
        None => Reply::text(
            403,
            "application/xml",
            "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
        ),
    }
}
