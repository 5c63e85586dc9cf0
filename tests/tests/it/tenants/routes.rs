//! Every route of every door, as a call for something of one tenant's.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Value, json};
use shared::ats::AtsKind;
use shared::order::Order;
use sim::pair::{ADMIN, Letter, PlaysVendor, Tenant, hidden_fields};
use tests::world::Result;
use url::form_urlencoded::Serializer;

use super::{Owner, client, send};

/// A call for something of the owner's.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) body: String,
    pub(super) headers: Vec<(&'static str, String)>,
    /// The statuses that refuse it; 200 where the caller sees their own, or words.
    pub(super) refused_with: &'static [u16],
}

impl Call {
    fn get(url: String, refused_with: &'static [u16]) -> Self {
        Self { method: Method::GET, url, body: String::new(), headers: Vec::new(), refused_with }
    }

    fn post(url: String, body: &Value, refused_with: &'static [u16]) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { method: Method::POST, url, body: body.to_string(), headers, refused_with }
    }

    fn form(url: String, pairs: &[(&str, &str)], refused_with: &'static [u16]) -> Self {
        let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
        let body = Serializer::new(String::new()).extend_pairs(pairs).finish();
        Self { method: Method::POST, url, body, headers, refused_with }
    }
}

/// Every call for something of the owner's, at the owner's ATS door and at the vendors' door. Where a credential is
/// part of a form or an address, it is this one. `vendors` are one of each.
pub(super) async fn calls(owner: &Owner, vendors: &[&dyn PlaysVendor], stranger: &str) -> Result<Vec<Call>> {
    let Owner { tenant: Tenant { ats, made, .. }, order, .. } = owner;
    let (connection, door) = (&made.connection, made.connection.door_url());
    let mut calls = match ats.kind() {
        AtsKind::Ashby => ashby(owner, &door).await?,
        AtsKind::SmartRecruiters => smartrecruiters(owner, &door, stranger).await?,
        AtsKind::Teamtailor => teamtailor(owner, &door)?,
    };
    let vendor_ref = order.placement.vendor_ref().unwrap_or_default();
    let report = json!({ "candidate_id": vendor_ref, "overall_status_code": 1,
        "meta_data": { "order_id": order.id.to_string() } });
    for vendor in vendors {
        let url = format!("{}/callbacks/{}/{}", connection.public_url, vendor.kind(), connection.id);
        calls.extend(vendor.calls_below(order).into_iter().map(|letter| callback(letter, &url, order)));
        calls.push(Call::post(url, &report, &[401, 404]));
    }
    let link = format!("{}/reports/{}?expires=9999999999&signature={stranger}", connection.public_url, order.id);
    calls.push(Call::get(link, &[404]));
    Ok(calls)
}

/// What a vendor calls below its address beside a plain report.
fn callback(letter: Letter, url: &str, order: &Order) -> Call {
    let mut call = Call::post(format!("{url}{}", letter.path), &letter.body, &[401, 404]);
    // Some protocols want the account named; to the others it is any header.
    call.headers.push(("x-account-id", order.connection.to_string()));
    Call { method: letter.method, ..call }
}

async fn ashby(owner: &Owner, door: &str) -> Result<Vec<Call>> {
    let order = &owner.order;
    // As the owner's own list has it, so that only the credential stands in the way.
    let own = format!("Basic {}", STANDARD.encode(format!("{}:", owner.tenant.made.trigger_token)));
    let list = Call::post(format!("{door}assessment.list"), &json!({}), &[200]);
    let (_, listed) = send(&client(), &list, &own).await?;
    let listed: Value = serde_json::from_str(&listed)?;
    let package = listed.pointer("/results/0/assessment_type_id").ok_or("no package")?;
    let start = json!({ "assessment_type_id": package, "job": { "ashby_id": "j", "name": "Engineer" },
        "candidate": { "ashby_id": "somebody-else", "first_name": "Asha", "last_name": "Rao",
            "email": "mallory@example.com" },
        "application": { "ashby_id": order.reference.application_id, "status": "IN_REVIEW" } });
    let cancel = json!({ "assessment_id": order.id.to_string() });
    Ok(vec![
        Call::post(format!("{door}assessment.list"), &json!({}), &[200, 401]),
        Call::post(format!("{door}customFields.fetch"), &json!({}), &[200, 401]),
        Call::post(format!("{door}assessment.start"), &start, &[401, 422]),
        // Ashby takes a cancellation that cannot be carried out as 200 with `success: false`.
        Call::post(format!("{door}assessment.cancel"), &cancel, &[200, 401]),
    ])
}

async fn smartrecruiters(owner: &Owner, door: &str, stranger: &str) -> Result<Vec<Call>> {
    let (ats, order) = (&owner.tenant.ats, &owner.order);
    let sim = ats.smartrecruiters().ok_or("another ATS")?;
    let company = &*ats.account();
    let next = format!("{}/inline-assessments/1/completed", sim.base_url());
    let body = |result_url: &str| {
        json!({ "resultCallbackURL": result_url, "completedAssessmentCallbackUrl": next, "companyId": company,
            "assessmentPackageId": order.package.id, "job": { "id": "j" },
            "candidate": { "id": "c", "firstName": "Asha", "lastName": "Rao", "email": "mallory@example.com" } })
    };
    let known = body(order.reference.result_url.as_deref().unwrap_or_default());
    let new = body(&format!("{}/assessment-api/v202010/orders/new/results", sim.base_url()));
    let client_id = format!("xcc_{}", order.connection);
    let token = [("grant_type", "client_credentials"), ("client_id", &client_id), ("client_secret", stranger)];
    let page = sim.consent_page_url(company)?;
    let hidden = hidden_fields(&sim.get_raw(&page, None).await.text);
    let mut consent: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (&**name, &**value)).collect();
    consent.extend([("token", stranger), ("email", ADMIN)]);
    let inline = format!("{door}inline/{}?signature={stranger}", order.id);
    let delete = |url: String, refused_with| Call { method: Method::DELETE, ..Call::get(url, refused_with) };
    Ok(vec![
        Call::get(format!("{door}packages"), &[200, 401]),
        Call::get(format!("{door}packages/{}", order.package.id), &[401, 404]),
        Call::post(format!("{door}packages/orders"), &known, &[401, 403]),
        Call::post(format!("{door}packages/orders"), &new, &[401, 403]),
        Call::post(format!("{door}packages/inline/orders"), &known, &[401, 403]),
        Call::post(format!("{door}packages/inline/orders"), &new, &[401, 403]),
        delete(format!("{door}integrations/companies/{company}"), &[401, 403]),
        Call::form(format!("{door}oauth/token"), &token, &[400]),
        Call::form(page, &consent, &[403, 409]),
        Call::get(inline.clone(), &[404]),
        Call::form(inline, &[("phone", "9876543210")], &[404]),
    ])
}

fn teamtailor(owner: &Owner, door: &str) -> Result<Vec<Call>> {
    let sim = owner.tenant.ats.teamtailor().ok_or("another ATS")?;
    let known = owner.order.reference.idempotency_key.as_deref().ok_or("no event")?;
    let event = sim.event(known).ok_or("no such event")?;
    let mut new = event.clone();
    new["partner-event"]["id"] = json!("new");
    new["partner-event"]["candidate"]["id"] = json!(99);
    let mut calls =
        vec![Call::get(format!("{door}config"), &[200]), Call::get(format!("{door}activation/validate"), &[200, 422])];
    for path in ["webhook", "actions/refresh", "actions/cancel"] {
        for (id, body) in [(known, &event), ("new", &new)] {
            let mut call = Call::post(format!("{door}{path}"), body, &[401, 403]);
            call.headers.push(("teamtailor-signature", sim.sign(sim.now(), id)));
            calls.push(call);
        }
    }
    Ok(calls)
}
