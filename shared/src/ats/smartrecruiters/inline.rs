//! The page that an applicant opens in the middle of an application form: who checks what, and a button to begin.

use http::{Method, StatusCode};
use url::form_urlencoded::parse;

use crate::ats::AtsKind;
use crate::connection::Connection;
use crate::error::Fault;
use crate::flow::{NotBegun, Services, begin};
use crate::inbound::{Answer, MAX_BODY, Request};
use crate::order::{Order, OrderId, Placement};
use crate::page::{self, Field, Page};
use crate::secrets::StoredKeys;
use crate::signature::{is_signed, sign};

const TITLE: &str = "Background check";

/// The address of the page for an order, below the base URL of this door. Whoever has it may begin the check.
pub(super) fn url(door: &str, order: OrderId, signing_secret: &str) -> String {
    format!("{door}inline/{order}?signature={}", sign(signing_secret.as_bytes(), &signed_text(order)))
}

fn signed_text(order: OrderId) -> String {
    format!("inline.{order}")
}

/// Answers the page and its button.
pub(super) async fn handle(services: &Services, request: &Request, order: &str) -> Answer {
    let query = request.uri().query().unwrap_or_default();
    let signature = value(query.as_bytes(), "signature").unwrap_or_default();
    let found = match order.parse::<OrderId>() {
        Ok(id) => found(services, id, &signature).await,
        Err(_) => Ok(None),
    };
    let (order, connection) = match found {
        Ok(Some(found)) => found,
        Ok(None) => return not_ours(),
        Err(fault) => return later(&fault),
    };
    match *request.method() {
        Method::GET => shown(&order, &connection),
        Method::POST => pressed(services, request, &order, &connection).await,
        _ => page::plain(StatusCode::METHOD_NOT_ALLOWED, TITLE, &["Open this page from your application."]),
    }
}

/// The order behind the address, if it was signed by the order's own connection.
async fn found(services: &Services, id: OrderId, signature: &str) -> Result<Option<(Order, Connection)>, Fault> {
    let Some(order) = services.store.order(id).await? else { return Ok(None) };
    // Only orders from an application form have a page.
    if order.reference.continue_url.is_none() {
        return Ok(None);
    }
    let connection = services.connection(&order.connection).await?.filter(|c| c.ats == AtsKind::SmartRecruiters);
    let Some(connection) = connection else { return Ok(None) };
    let signed = |keys: &StoredKeys| {
        // The secret before the rotation counts too, so that pages which are open go on working.
        let secrets = [keys.signing_secret.as_bytes(), keys.previous_signing_secret.as_bytes()];
        secrets.iter().any(|key| !key.is_empty() && is_signed(key, &signed_text(id), signature)).then_some(())
    };
    Ok(services.with_keys(&connection, signed).await?.map(|()| (order, connection)))
}

fn waits(order: &Order) -> bool {
    order.placement == Placement::Held && !order.status.state.is_closed()
}

fn shown(order: &Order, connection: &Connection) -> Answer {
    if waits(order) { question(StatusCode::OK, order, connection, "", None) } else { onward(order, ALREADY) }
}

async fn pressed(services: &Services, request: &Request, order: &Order, connection: &Connection) -> Answer {
    if !page::is_from_own_page(request.headers()) {
        tracing::warn!(order_id = %order.id, "an applicant's form did not come from our own page");
        return page::plain(StatusCode::FORBIDDEN, TITLE, &["This form did not come from this page. Open it again."]);
    }
    if request.body().len() > MAX_BODY {
        return page::plain(StatusCode::PAYLOAD_TOO_LARGE, TITLE, &["The form is too large."]);
    }
    if !waits(order) {
        return onward(order, ALREADY);
    }
    let phone = value(request.body(), "phone").filter(|_| order.needs_phone);
    let again = |words: &str| {
        let given = phone.as_deref().unwrap_or_default();
        question(StatusCode::UNPROCESSABLE_ENTITY, order, connection, given, Some(words))
    };
    if phone.as_ref().is_some_and(|phone| phone.len() > 40) {
        return again("This phone number is too long.");
    }
    match begin(services, order.id, phone.as_deref()).await {
        Ok(order) => onward(&order, &begun(connection)),
        Err(NotBegun::Said(words)) => again(&words),
        Err(NotBegun::Superseded) => onward(order, "A newer request for this check took the place of this one."),
        Err(NotBegun::Closed) => onward(order, "This check is not needed any more."),
        Err(NotBegun::NoOrder) => not_ours(),
        Err(NotBegun::Unavailable(fault)) => later(&fault),
    }
}

const ALREADY: &str = "There is nothing left to do on this page.";

fn begun(connection: &Connection) -> String {
    format!("The check has begun. {} will write to you if it needs anything.", connection.vendor.title())
}

fn question(status: StatusCode, order: &Order, connection: &Connection, given: &str, problem: Option<&str>) -> Answer {
    let vendor = connection.vendor.title();
    let job = connection.vendor.facts().takes_job_title && order.reference.job_id.is_some();
    let gets = match (order.needs_phone, job) {
        (false, false) => "your name and your e-mail address",
        (true, false) => "your name, your e-mail address and your phone number",
        (false, true) => "your name, your e-mail address and the title of the job",
        (true, true) => "your name, your e-mail address, your phone number and the title of the job",
    };
    let intro = [
        format!("Your application includes the background check \"{}\". {vendor} carries it out.", order.package.name),
        format!("When you begin, {vendor} gets {gets}, and writes to you about the next steps."),
    ];
    let phone = Field {
        name: "phone",
        label: "Phone number",
        hint: "With the country code.",
        kind: ("tel", "tel"),
        value: given,
        wrong: problem.is_some(),
        first: problem.is_some(),
    };
    let content = format!(
        "{}{}<form method=\"post\">{}<button type=\"submit\">Begin</button></form>",
        page::problem(problem),
        page::paragraphs(&intro.each_ref().map(String::as_str)),
        if order.needs_phone { phone.html() } else { String::new() },
    );
    Page { status, title: TITLE, problem: problem.is_some(), content, onward: None }.answer()
}

/// A page with the link back to the application. The applicant can go on whatever became of the check.
fn onward(order: &Order, words: &str) -> Answer {
    let next = order.reference.continue_url.as_deref().map(|url| page::link(url, "Continue your application"));
    let content = format!("<p role=\"status\">{}</p><p>{}</p>", page::escape(words), next.unwrap_or_default());
    Page { status: StatusCode::OK, title: TITLE, problem: false, content, onward: None }.answer()
}

fn not_ours() -> Answer {
    let words = "Crosscheck has no such page. Go back to your application and open the check from there.";
    page::plain(StatusCode::NOT_FOUND, TITLE, &[words])
}

fn later(fault: &Fault) -> Answer {
    tracing::error!(fault = %fault, "door cannot answer");
    let words = "This page cannot be shown at the moment. Load it again in a minute.";
    page::plain(StatusCode::SERVICE_UNAVAILABLE, TITLE, &[words])
}

fn value(form: &[u8], name: &str) -> Option<String> {
    parse(form).find(|(key, _)| key == name).map(|(_, value)| value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_opens_one_order_of_one_connection() {
        let (one, two) = (OrderId::generate(), OrderId::generate());
        let url = url("https://x.example/v1/smartrecruiters/", one, "secret");
        let signature = url.split_once("?signature=").expect("signed").1;
        assert!(url.starts_with(&format!("https://x.example/v1/smartrecruiters/inline/{one}?")));
        assert!(is_signed(b"secret", &signed_text(one), signature));
        assert!(!is_signed(b"secret", &signed_text(two), signature));
        assert!(!is_signed(b"another", &signed_text(one), signature));
    }
}
