//! Callbacks of people who are not the vendor, of other connections, and about orders that are not there.

use crosscheck::connect::Made;
use reqwest::Method;
use serde_json::Value;
use shared::ats::AtsKind;
use shared::inbound::{MAX_BODY, MAX_DEPTH};
use shared::order::{OrderId, State};
use shared::vendor::{VENDORS, VendorKind};
use sim::pair::{Milestone, Pair, Tenant};
use tests::world::Result;

use super::letter::{Letter, Pen, address, at_work, proof, secret, unchanged};
use super::{an_hour_passes, at_rest, ends_clear, placed, protocol, reaches, same, with_every_vendor};

/// What proves that a body is the vendor's, on this connection.
fn own(pair: &Pair, body: &str) -> (&'static str, String) {
    proof(pair.vendor.kind(), &secret(&*pair.vendor, &pair.made), body)
}

async fn unverified(pair: Pair) -> Result {
    let pen = Pen::new()?;
    let (id, check) = placed(&pair, 1).await?;
    let before = at_rest(&pair, &id).await?;
    let kind = pair.vendor.kind();
    let other = Tenant::start(&pair.test_stack, AtsKind::Ashby, kind).await?;
    let letter = at_work(&pair, &id, &check);
    let body = letter.body.to_string();
    let path = format!("{}{}", address(&pair.made), letter.path);
    let stranger = proof(kind, &secret(&*other.vendor, &other.made), &body);
    let (name, value) = own(&pair, &body);
    let mut attempts = vec![
        ("no credential", None, body.clone()),
        ("a wrong credential", Some(proof(kind, "wrong", &body)), body.clone()),
        ("another connection's", Some(stranger), body.clone()),
        ("an empty credential", Some(proof(kind, "", &body)), body.clone()),
        ("another scheme", Some((name, format!("Digest {value}"))), body.clone()),
        ("half of it", Some((name, value.chars().take(value.len() / 2).collect())), body.clone()),
        ("the right one in the wrong header", Some(("x-authorization", value.clone())), body.clone()),
    ];
    if protocol::of(kind).signs_body {
        attempts.push((
            "a changed body",
            Some((name, value.clone())),
            body.replace("report.updated", "report.complete"),
        ));
        attempts.push(("a body with more", Some((name, value.clone())), format!("{body} ")));
        attempts.push(("an empty body", Some((name, value)), String::new()));
    }
    for (what, proof, body) in attempts {
        same(what, pen.call(&pair, letter.method.clone(), &path, proof, body).await?.status, 401)?;
        unchanged(what, &before, &pair.order(&id).await?)?;
    }
    pair.idle().await;
    unchanged("afterwards", &before, &pair.order(&id).await?)?;
    reaches(&pair, &check, Milestone::Clear).await?;
    ends_clear(&pair, &id).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_that_does_not_prove_its_sender_is_refused_and_changes_nothing() -> Result {
    with_every_vendor(unverified).await
}

async fn unreadable(pair: Pair) -> Result {
    let pen = Pen::new()?;
    let (id, check) = placed(&pair, 1).await?;
    let before = at_rest(&pair, &id).await?;
    let letter = at_work(&pair, &id, &check);
    let body = letter.body.to_string();
    let path = format!("{}{}", address(&pair.made), letter.path);
    for (what, body, status) in [
        ("half a body", body.chars().take(body.len() / 2).collect(), 400),
        ("two bodies", format!("{body}{body}"), 400),
        ("no JSON", "candidate_id=1".to_owned(), 400),
        ("nothing", String::new(), 400),
        ("too deep", format!("{}1{}", "[".repeat(MAX_DEPTH + 1), "]".repeat(MAX_DEPTH + 1)), 400),
        ("too large", " ".repeat(MAX_BODY + 1), 413),
        ("a list", "[]".to_owned(), 422),
        ("a text", "\"completed\"".to_owned(), 422),
    ] {
        let answer = pen.call(&pair, letter.method.clone(), &path, Some(own(&pair, &body)), body).await?;
        same(what, answer.status, status)?;
        unchanged(what, &before, &pair.order(&id).await?)?;
    }
    unchanged("afterwards", &before, &at_rest(&pair, &id).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_that_cannot_be_read_changes_nothing() -> Result {
    with_every_vendor(unreadable).await
}

async fn not_in_the_protocol(pair: Pair) -> Result {
    let pen = Pen::new()?;
    let (id, check) = placed(&pair, 1).await?;
    let before = at_rest(&pair, &id).await?;
    let letter = at_work(&pair, &id, &check);
    let body = letter.body.to_string();
    let path = format!("{}{}", address(&pair.made), letter.path);
    let unknown = protocol::of(pair.vendor.kind()).unknown_call;
    for (what, method, below) in [
        ("a path that is not there", Method::POST, "/no/such/call"),
        ("a path below one that is", letter.method.clone(), "/more"),
        ("a method that is not there", Method::PUT, ""),
        ("a GET", Method::GET, ""),
        ("a DELETE", Method::DELETE, ""),
    ] {
        let path =
            if below.starts_with("/no") { format!("{}{below}", address(&pair.made)) } else { format!("{path}{below}") };
        let answer = pen.call(&pair, method, &path, Some(own(&pair, &body)), body.clone()).await?;
        same(what, answer.status, unknown)?;
        unchanged(what, &before, &pair.order(&id).await?)?;
    }
    for vendor in VENDORS.into_iter().filter(|vendor| *vendor != pair.vendor.kind()) {
        let elsewhere = format!("{vendor}/{}{}", pair.made.connection.id, letter.path);
        let answer = pen.call(&pair, letter.method.clone(), &elsewhere, Some(own(&pair, &body)), body.clone()).await?;
        same("another vendor's door", answer.status, 404)?;
    }
    let nobody = format!("{}/0123456789abcdef{}", pair.vendor.kind(), letter.path);
    same(
        "no such connection",
        pen.call(&pair, letter.method, &nobody, Some(own(&pair, &body)), body).await?.status,
        404,
    )?;
    unchanged("afterwards", &before, &at_rest(&pair, &id).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_not_in_the_protocol_changes_nothing() -> Result {
    with_every_vendor(not_in_the_protocol).await
}

async fn foreign(pair: Pair) -> Result {
    let (id, check) = placed(&pair, 1).await?;
    let before = at_rest(&pair, &id).await?;
    let kind = pair.vendor.kind();
    let Tenant { ats, vendor, made } = Tenant::start(&pair.test_stack, AtsKind::Ashby, kind).await?;
    let other = Pair { test_stack: pair.test_stack, ats, vendor, made };
    let pen = Pen::new()?;
    let (own_id, own_check) = placed(&other, 2).await?;
    let own_before = at_rest(&other, &own_id).await?;
    let expected = protocol::of(kind).unknown_order;
    let nobody = OrderId::generate().to_string();
    let letters: [(&str, Letter); 2] = [
        ("an order of another connection", at_work(&other, &id, &check)),
        ("an order that is not there", at_work(&other, &nobody, "999999999")),
    ];
    for (what, letter) in letters {
        same(what, pen.send(&other, &letter).await?.status, expected)?;
        unchanged(what, &before, &other.order(&id).await?)?;
        unchanged(what, &own_before, &other.order(&own_id).await?)?;
    }
    if own_check.parse::<i64>().is_ok() {
        // Our order id and the vendor's id come together here, and have to be of one order.
        let mixed = at_work(&other, &own_id, "999999999");
        same("an order under another check's id", pen.send(&other, &mixed).await?.status, expected)?;
    }
    an_hour_passes(&other).await?;
    same("afterwards", other.order(&id).await?.status.state == State::Completed, false)?;
    unchanged("afterwards", &own_before, &at_rest(&other, &own_id).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verified_callback_about_somebody_elses_order_or_none_has_no_effect() -> Result {
    with_every_vendor(foreign).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_read_by_its_own_stackone_vendor_alone() -> Result {
    let (pair, pen) = (Pair::start(AtsKind::Ashby, VendorKind::StackOne).await?, Pen::new()?);
    let (id, _) = placed(&pair, 1).await?;
    let other = Tenant::start(&pair.test_stack, AtsKind::Ashby, VendorKind::StackOne).await?;
    let read = |made: &Made, id: &str| format!("{}/unified/ats/background_checks/orders/{id}", address(made));
    let (ours, theirs) = (own(&pair, ""), proof(VendorKind::StackOne, &secret(&*other.vendor, &other.made), ""));
    let (at, with) = (&pair, &pen);
    let get = |path: String, proof| async move { with.call(at, Method::GET, &path, proof, String::new()).await };
    let shown = get(read(&pair.made, &id), Some(ours.clone())).await?;
    same("its own vendor", (shown.status, shown.text.contains("asha1@example.com")), (200, true))?;
    for (what, path, proof, status) in [
        ("nobody", read(&pair.made, &id), None, 401),
        ("another connection's vendor", read(&pair.made, &id), Some(theirs.clone()), 401),
        ("that one at its own address", read(&other.made, &id), Some(theirs), 404),
        ("an order that is not there", read(&pair.made, &OrderId::generate().to_string()), Some(ours), 404),
    ] {
        let answer = get(path, proof).await?;
        same(what, (answer.status, answer.text.contains("asha")), (status, false))?;
    }
    Ok(pair.ends_with_bought(1)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_references_of_an_order_are_resolved_for_its_own_stackone_vendor_alone() -> Result {
    let (pair, pen) = (Pair::start(AtsKind::Ashby, VendorKind::StackOne).await?, Pen::new()?);
    let (id, _) = placed(&pair, 1).await?;
    let known = pair.order(&id).await?.reference;
    let other = Tenant::start(&pair.test_stack, AtsKind::Ashby, VendorKind::StackOne).await?;
    let (ours, theirs) = (own(&pair, ""), proof(VendorKind::StackOne, &secret(&*other.vendor, &other.made), ""));
    let path = |made: &Made, rest: &str| format!("{}/unified/ats/{rest}", address(made));
    let (at, with) = (&pair, &pen);
    let get = |path: String, proof| async move { with.call(at, Method::GET, &path, proof, String::new()).await };
    let order = get(path(&pair.made, &format!("background_checks/orders/{id}")), Some(ours.clone())).await?;
    let order: Value = serde_json::from_str(&order.text)?;
    for (kind, reference, remote_id, email) in [
        ("candidates", "/data/candidate_id", Some(known.candidate_id), "/data/email"),
        ("applications", "/data/application_id", known.application_id, "/data/candidate/email"),
    ] {
        let reference = order.pointer(reference).and_then(Value::as_str).ok_or("the order has no reference")?;
        let rest = format!("{kind}/{reference}");
        let shown = get(path(&pair.made, &rest), Some(ours.clone())).await?;
        same(kind, shown.status, 200)?;
        let shown: Value = serde_json::from_str(&shown.text)?;
        let text = |pointer: &str| shown.pointer(pointer).and_then(Value::as_str);
        same(kind, (text("/data/id"), text("/data/remote_id")), (Some(reference), remote_id.as_deref()))?;
        same(kind, text(email), Some("asha1@example.com"))?;
        let nobody = format!("{kind}/{}", OrderId::generate());
        for (what, path, proof, status) in [
            ("nobody", path(&pair.made, &rest), None, 401),
            ("another connection's vendor", path(&pair.made, &rest), Some(theirs.clone()), 401),
            ("that one at its own address", path(&other.made, &rest), Some(theirs.clone()), 404),
            ("an order that is not there", path(&pair.made, &nobody), Some(ours.clone()), 404),
        ] {
            let answer = get(path, proof).await?;
            same(what, (answer.status, answer.text.contains("asha")), (status, false))?;
        }
    }
    Ok(pair.ends_with_bought(1)?)
}
