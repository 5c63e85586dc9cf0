//! A recruiter, or a stage's trigger, sends a candidate: the order.

use http::StatusCode;
use serde_json::Value;

use super::event::Heard;
use super::refusal::Refusal;
use super::{Teamtailor, result_url, wire};
use crate::connection::Connection;
use crate::flow::{ById, Manner, NewOrder, OrderRefused, Services, TakenOrder, take_order};
use crate::inbound::BadBody;
use crate::order::{AtsReference, Candidate, NotOrdered};

/// Takes the order and answers with where it stands. The same event twice is one order.
pub(super) async fn order(services: &Services, heard: Heard) -> Result<Value, Refusal> {
    let Heard { connection, event } = heard;
    let package = event.package();
    let package = package.ok_or_else(|| refused("no package was picked. Pick a package and send again."))?;
    let (reference, candidate) = read(event, &connection)?;
    let new =
        NewOrder { reference, candidate, package: &ById(&package), ats: &Teamtailor, manner: Manner::InTheAnswer };
    match take_order(services, &connection, new).await {
        Ok(TakenOrder::New(order) | TakenOrder::Known(order)) => Ok(wire::answer(&order)),
        Ok(TakenOrder::Elsewhere) => Err(Refusal::new(StatusCode::CONFLICT, NotOrdered::Again.to_string())),
        Err(OrderRefused::Said(why)) => Err(refused(why)),
        Err(OrderRefused::NoPackage(why)) => Err(Refusal::new(StatusCode::NOT_FOUND, why.to_string())),
        Err(OrderRefused::Unavailable(fault)) => Err(fault.into()),
    }
}

fn refused(why: impl Into<NotOrdered>) -> Refusal {
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, why.into().to_string())
}

fn read(event: wire::Event, connection: &Connection) -> Result<(AtsReference, Candidate), Refusal> {
    let missing = |name: &str| BadBody::Field(format!("the field `partner-event.{name}` is missing"));
    let idempotency_key = Some(event.id().to_owned());
    let result = event.result.ok_or_else(|| {
        refused(
            "Teamtailor sent no result card to write to. Send the candidate again. If it stays so, \"Capability to make \
             assessments\" is not ticked for this partner in Teamtailor's Integrations Hub: ask your Crosscheck \
             administrator.",
        )
    })?;
    let result_url = result_url::of(result.id.as_deref(), result.update_url.as_deref(), &connection.ats_url);
    let result_url = result_url
        .ok_or_else(|| refused("the address for results (`update-url`) is not one of Teamtailor's for this result."))?;
    let person = event.candidate.ok_or_else(|| missing("candidate"))?;
    let (job_id, job_title) = (person.job_id(), person.job_title());
    let candidate_id = person.id.or(person.uuid).ok_or_else(|| missing("candidate.id"))?;
    let email =
        person.email.ok_or_else(|| refused("add an e-mail address to the candidate in Teamtailor and send again."))?;
    let reference = AtsReference {
        candidate_id,
        job_id,
        job_title,
        idempotency_key,
        result_url: Some(result_url.into()),
        ..AtsReference::default()
    };
    let candidate = Candidate {
        first_name: person.first_name.unwrap_or_default(),
        last_name: person.last_name.unwrap_or_default(),
        email,
        phone: person.phone,
    };
    Ok((reference, candidate))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;
    use url::Url;

    use super::*;
    use crate::ats::AtsKind;
    use crate::connection::NewConnection;
    use crate::order::ConnectionId;
    use crate::vendor::VendorKind;

    fn connection() -> Connection {
        let url = |text| Url::parse(text).expect("a URL");
        Connection::new(NewConnection {
            id: ConnectionId::from_random([1; 8]),
            ats: AtsKind::Teamtailor,
            vendor: VendorKind::SpringVerify,
            ats_url: url("https://api.teamtailor.com"),
            vendor_url: url("https://vendor.example"),
            public_url: String::new(),
            created_at: Timestamp::UNIX_EPOCH,
        })
    }

    fn read_event(change: impl FnOnce(&mut Value)) -> Result<(AtsReference, Candidate), String> {
        let mut event = json!({
            "id": "e-1",
            "partner-result": { "id": "r-1", "update-url": "https://api.teamtailor.com/partner/v1/partner-results/r-1" },
            "candidate": { "id": 5, "uuid": "u", "first-name": "Asha", "email": "a@example.com", "job": { "id": 7 } },
        });
        change(&mut event);
        let body = json!({ "partner-event": event }).to_string();
        let event = wire::event(body.as_bytes()).map_err(|bad| bad.to_string())?;
        read(event, &connection()).map_err(|no| no.words)
    }

    #[test]
    fn the_reference_holds_what_results_and_repeats_need() {
        let (reference, candidate) = read_event(|_| ()).expect("an order");
        assert_eq!((reference.candidate_id.as_str(), reference.job_id.as_deref()), ("5", Some("7")));
        assert_eq!(reference.idempotency_key.as_deref(), Some("e-1"));
        let url = "https://api.teamtailor.com/partner/v1/partner-results/r-1";
        assert_eq!(reference.result_url.as_deref(), Some(url));
        assert_eq!((reference.application_id, reference.continue_url), (None, None));
        assert_eq!((candidate.first_name.as_str(), candidate.last_name.as_str()), ("Asha", ""));
        let (reference, _) =
            read_event(|event| event["candidate"] = json!({ "uuid": "u", "email": "a@b.c" })).expect("a bulk send");
        assert_eq!((reference.candidate_id.as_str(), reference.job_id), ("u", None));
    }

    #[test]
    fn what_cannot_be_ordered_is_said_in_words() {
        for (path, value, words) in [
            ("/partner-result", Value::Null, "no result card"),
            ("/partner-result/update-url", json!("https://evil.example/partner/v1/partner-results/r-1"), "update-url"),
            ("/partner-result/id", json!("r-2"), "update-url"),
            ("/candidate", Value::Null, "`partner-event.candidate` is missing"),
            ("/candidate", json!({ "email": "a@b.c" }), "`partner-event.candidate.id` is missing"),
            ("/candidate/email", json!(" "), "add an e-mail address"),
        ] {
            let said = read_event(|event| *event.pointer_mut(path).expect("a field") = value.clone());
            let said = said.expect_err("refused");
            assert!(said.contains(words), "{path}: {said}");
        }
    }
}
