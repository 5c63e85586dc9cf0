//! Callbacks of people who are not the vendor, of other connections, and about orders that are not there.

use reqwest::Method;
use shared::ats::AtsKind;
use shared::inbound::{MAX_BODY, MAX_DEPTH};
use shared::order::{OrderId, State};
use shared::vendor::VENDORS;
use sim::pair::{Milestone, Pair, Tenant};
use tests::world::Result;

use super::letter::{Letter, Pen, address, at_work, own, unchanged};
use super::{an_hour_passes, at_rest, ends_clear, placed, reaches, same, with_every_vendor};

async fn unverified(pair: Pair) -> Result {
    let pen = Pen::new()?;
    let (id, check) = placed(&pair, 1).await?;
    let before = at_rest(&pair, &id).await?;
    let kind = pair.vendor.kind();
    let other = Tenant::start(&pair.test_stack.deployment, AtsKind::Ashby, kind).await?;
    let letter = at_work(&pair, &id, &check);
    let body = letter.body.to_string();
    let path = format!("{}{}", address(&pair.made), letter.path);
    let proof = |secret: &str| pair.vendor.proof(secret, &body);
    let stranger = proof(&other.vendor.secret(&other.made.callback_secret));
    let (name, value) = own(&pair, &body);
    let mut attempts = vec![
        ("no credential", None, body.clone()),
        ("a wrong credential", Some(proof("wrong")), body.clone()),
        ("another connection's", Some(stranger), body.clone()),
        ("an empty credential", Some(proof("")), body.clone()),
        ("another scheme", Some((name, format!("Digest {value}"))), body.clone()),
        ("half of it", Some((name, value.chars().take(value.len() / 2).collect())), body.clone()),
        ("the right one in the wrong header", Some(("x-authorization", value.clone())), body.clone()),
    ];
    if kind.facts().signs_body {
        attempts.push(("a changed body", Some((name, value.clone())), body.replace(&check, &"0".repeat(check.len()))));
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
    let unknown = pair.vendor.answers().unknown_call;
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
    let Tenant { ats, vendor, made } = Tenant::start(&pair.test_stack.deployment, AtsKind::Ashby, kind).await?;
    let other = Pair { test_stack: pair.test_stack, ats, vendor, made };
    let pen = Pen::new()?;
    let (own_id, own_check) = placed(&other, 2).await?;
    let own_before = at_rest(&other, &own_id).await?;
    let expected = other.vendor.answers().unknown_order;
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
