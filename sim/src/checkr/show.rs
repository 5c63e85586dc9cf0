//! The objects of Checkr's API as JSON.

use super::account::{Candidate, Invitation, Package, Report};
use super::{clock, document};
use serde_json::{Map, Value, json};

/// What a candidate is shown with as it was given, or `null`.
const TEXTS: [&str; 14] = [
    "first_name",
    "middle_name",
    "last_name",
    "mother_maiden_name",
    "email",
    "phone",
    "zipcode",
    "dob",
    "ssn",
    "driver_license_number",
    "driver_license_state",
    "previous_driver_license_number",
    "previous_driver_license_state",
    "custom_id",
];

fn given(map: &Map<String, Value>, key: &str) -> Value {
    map.get(key).cloned().unwrap_or_default()
}

fn given_or(map: &Map<String, Value>, key: &str, otherwise: Value) -> Value {
    map.get(key).filter(|value| !value.is_null()).cloned().unwrap_or(otherwise)
}

pub(super) fn candidate(one: &Candidate) -> Value {
    let mut shown = json!({
        "id": one.id, "object": "candidate", "uri": format!("/v1/candidates/{}", one.id),
        "created_at": one.created_at, "adjudication": null, "report_ids": one.report_ids,
        "copy_requested": given_or(&one.given, "copy_requested", json!(false)),
        "no_middle_name": given_or(&one.given, "no_middle_name", json!(false)),
        "geo_ids": given_or(&one.given, "geo_ids", json!([])),
        "metadata": given_or(&one.given, "metadata", json!({})),
    });
    if let Some(shown) = shown.as_object_mut() {
        shown.extend(TEXTS.iter().map(|key| ((*key).to_owned(), given(&one.given, key))));
    }
    shown
}

pub(super) fn invitation(one: &Invitation) -> Value {
    json!({
        "id": one.id, "object": "invitation", "uri": format!("/v1/invitations/{}", one.id),
        "invitation_url": format!("https://apply.checkr.com/invite/crosscheck/{}", one.id),
        "status": one.status, "created_at": one.created_at, "expires_at": one.expires_at,
        "completed_at": one.completed_at, "deleted_at": one.deleted_at,
        "package": one.package, "candidate_id": one.candidate_id, "report_id": one.report_id,
        "archived": false, "tags": given_or(&one.given, "tags", json!([])),
    })
}

pub(super) fn report(one: &Report) -> Value {
    let documents: Vec<_> = one.document_id.iter().collect();
    json!({
        "id": one.id, "object": "report", "uri": format!("/v1/reports/{}", one.id),
        "status": one.status, "result": one.result, "adjudication": one.adjudication, "assessment": one.assessment,
        "created_at": one.created_at, "completed_at": one.completed_at,
        "revised_at": one.revised_at, "upgraded_at": one.upgraded_at,
        "package": one.package, "candidate_id": one.candidate_id, "source": one.source,
        "document_ids": documents, "archived": false, "includes_canceled": one.includes_canceled || one.status == "canceled",
        "tags": given_or(&one.given, "tags", json!([])),
        "work_locations": given_or(&one.given, "work_locations", json!([])),
    })
}

pub(super) fn package(one: &Package) -> Value {
    let screenings: Vec<_> = one.screenings.iter().map(|kind| json!({"type": kind, "subtype": null})).collect();
    json!({
        "id": one.slug, "object": "package", "uri": format!("/v1/packages/{}", one.slug),
        "name": one.name, "slug": one.slug, "price": one.price_cents, "screenings": screenings,
        "created_at": "2026-01-05T09:00:00Z", "deleted_at": null,
    })
}

/// The report as a PDF: where it can be fetched, for a quarter of an hour.
pub(super) fn document(id: &str, report_id: &str, download_uri: &str) -> Value {
    json!({
        "id": id, "object": "document", "type": "pdf_report", "created_at": clock::now(),
        "download_uri": download_uri, "filename": format!("report_{report_id}.pdf"),
        "filesize": document::pdf(report_id).len(), "content_type": "application/pdf",
    })
}
