//! The two calls that order: for a candidate, and from inside an application form.

use http::StatusCode;
use serde_json::json;

use super::webhook::{self, Refusal};
use super::{SmartRecruiters, applicant_id, inline, oauth, wire};
use crate::flow::{ById, Manner, NewOrder, OrderRefused, Services, TakenOrder, take_order};
use crate::inbound::{self, Answer, read_json};
use crate::order::{AtsReference, Candidate, Order};
use crate::signature::Verified;

/// Where an order comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// From a recruiter, or from a hiring step that orders by itself.
    Candidate,
    /// From an application form, while the applicant waits for the address of a page.
    Inline,
}

/// Takes an order. The same call again is answered as the first was.
pub(super) async fn order(services: &Services, caller: &Verified, kind: Kind) -> Result<Answer, Refusal> {
    let asked: wire::NewOrder = read_json(caller.body())?;
    asked.check(kind == Kind::Inline, &caller.connection().ats_url)?;
    let connection =
        oauth::of_company(services, caller, &asked.company_id).await?.ok_or_else(Refusal::foreign_company)?;
    let package = asked.assessment_package_id.clone();
    let new = NewOrder {
        reference: reference(&asked, kind),
        candidate: Candidate {
            first_name: asked.candidate.first_name.unwrap_or_default(),
            last_name: asked.candidate.last_name.unwrap_or_default(),
            email: asked.candidate.email.unwrap_or_default().trim().to_owned(),
            phone: None,
        },
        package: &ById(&package),
        ats: &SmartRecruiters,
        manner: Manner::ByUpdate,
    };
    match (take_order(services, &connection, new).await, kind) {
        (Ok(TakenOrder::New(order) | TakenOrder::Known(order)), Kind::Inline) => {
            page_of(services, caller, &order).await
        }
        (Ok(_), Kind::Candidate) => Ok(webhook::accepted()),
        (Ok(TakenOrder::Elsewhere), Kind::Inline) => {
            let message = "This applicant is already being checked with this package.";
            Err(Refusal::new(StatusCode::FORBIDDEN, "ORDER_REFUSED", message))
        }
        (Err(OrderRefused::NoPackage(message)), _) => Err(Refusal::unknown_package(&message.to_string())),
        (Err(OrderRefused::Said(why)), _) => Err(Refusal::new(StatusCode::FORBIDDEN, "ORDER_REFUSED", why.to_string())),
        (Err(OrderRefused::Unavailable(fault)), _) => Err(fault.into()),
    }
}

fn reference(asked: &wire::NewOrder, kind: Kind) -> AtsReference {
    let result_url = Some(asked.result_url.trim().to_owned());
    let (candidate_id, continue_url) = match kind {
        Kind::Candidate => (asked.candidate.id.clone().unwrap_or_default(), None),
        Kind::Inline => {
            let email = asked.candidate.email.as_deref().unwrap_or_default();
            (applicant_id(email), asked.continue_url.as_deref().map(|url| url.trim().to_owned()))
        }
    };
    AtsReference {
        candidate_id,
        application_id: None,
        job_id: asked.job_id(),
        // An order has no id of its own; where its results go is all that tells it from others.
        idempotency_key: result_url.clone(),
        result_url,
        continue_url,
        ..AtsReference::default()
    }
}

/// The address of the applicant's page, under both of the names that the specification gives it.
async fn page_of(services: &Services, caller: &Verified, order: &Order) -> Result<Answer, Refusal> {
    let keys = services.keys(caller.connection()).await?;
    let url = inline::url(&caller.connection().door_url(), order.id, &keys.signing_secret);
    Ok(inbound::json(StatusCode::OK, &json!({ "url": url, "assessmentPackageURL": url })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_applicant_is_one_candidate_whatever_the_case_of_the_address() {
        let body = |email: &str| {
            let body = json!({
                "resultCallbackURL": "https://api.smartrecruiters.com/x ", "companyId": "c",
                "completedAssessmentCallbackUrl": "https://jobs.smartrecruiters.com/next",
                "assessmentPackageId": "p", "candidate": { "firstName": "A", "email": email },
            });
            read_json::<wire::NewOrder>(body.to_string().as_bytes()).expect("an order")
        };
        let one = reference(&body("Asha@Example.com "), Kind::Inline);
        let two = reference(&body("asha@example.com"), Kind::Inline);
        assert_eq!(one, two);
        assert!(one.candidate_id.starts_with("applicant-") && one.candidate_id.len() == 74, "{}", one.candidate_id);
        assert_eq!(one.idempotency_key.as_deref(), Some("https://api.smartrecruiters.com/x"));
        assert_eq!(one.result_url, one.idempotency_key);
        assert!(one.continue_url.is_some() && reference(&body("a@b.c"), Kind::Candidate).continue_url.is_none());
    }
}
