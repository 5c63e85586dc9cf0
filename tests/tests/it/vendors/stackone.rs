//! What a vendor behind StackOne reads of an order: its own vendor alone does.

use std::sync::Arc;

use crosscheck::connect::Made;
use reqwest::Method;
use serde_json::{Value, json};
use shared::ats::AtsKind;
use shared::connection::Connection;
use shared::order::{OrderId, Package};
use shared::vendor::VendorKind;
use sim::pair::{Pair, Tenant};
use tests::world::Result;
use tokio::task::JoinSet;

use super::letter::{Pen, address, own};
use super::{placed, same};

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_read_by_its_own_stackone_vendor_alone() -> Result {
    let (pair, pen) = (Pair::start(AtsKind::Ashby, VendorKind::StackOne).await?, Pen::new()?);
    let (id, _) = placed(&pair, 1).await?;
    let other = Tenant::start(&pair.test_stack.deployment, AtsKind::Ashby, VendorKind::StackOne).await?;
    let read = |made: &Made, id: &str| format!("{}/unified/ats/background_checks/orders/{id}", address(made));
    let (ours, theirs) = (own(&pair, ""), pair.vendor.proof(&other.made.callback_secret, ""));
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
    let other = Tenant::start(&pair.test_stack.deployment, AtsKind::Ashby, VendorKind::StackOne).await?;
    let (ours, theirs) = (own(&pair, ""), pair.vendor.proof(&other.made.callback_secret, ""));
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
        // Ashby's order has no phone number; its record of the candidate is asked.
        let phone = text("/data/phone").or_else(|| text("/data/candidate/phone_numbers/0/phone"));
        same(kind, phone, Some("+91 98765 00001"))?;
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

/// Vendors put their packages on the list and their results on an order with many calls at once.
#[tokio::test(flavor = "multi_thread")]
async fn calls_at_the_same_time_do_not_get_into_each_others_way() -> Result {
    let pair = Arc::new(Pair::start(AtsKind::Ashby, VendorKind::StackOne).await?);
    let (id, _) = placed(&pair, 1).await?;
    let packages = format!("{}/unified/ats/background_checks/packages", address(&pair.made));
    let result = format!("{}/unified/ats/background_checks/orders/{id}/result", address(&pair.made));
    let mut calls = JoinSet::new();
    for n in 0..16 {
        let add = (Method::POST, packages.clone(), json!({ "name": format!("Package {n}") }), 201);
        let tell = (Method::PATCH, result.clone(), json!({ "score": { "value": n, "min": 0, "max": 20 } }), 200);
        for (method, path, body, wanted) in [add, tell] {
            let pair = Arc::clone(&pair);
            calls.spawn(async move {
                let body = body.to_string();
                let proof = own(&pair, &body);
                let answer = Pen::new()?.call(&pair, method, &path, Some(proof), body).await?;
                same(&answer.text, answer.status, wanted)
            });
        }
    }
    while let Some(done) = calls.join_next().await {
        done??;
    }
    let pen = Pen::new()?;
    let list = pen.call(&pair, Method::GET, &packages, Some(own(&pair, "")), String::new()).await?;
    let missing: Vec<_> = (0..16).filter(|n| !list.text.contains(&format!("\"Package {n}\""))).collect();
    same("packages that got lost", missing, Vec::new())
}

/// DynamoDB takes items of a certain size; a list that could grow beyond it could never be changed again.
#[tokio::test(flavor = "multi_thread")]
async fn a_package_list_that_is_full_says_so_and_can_be_emptied() -> Result {
    let (pair, pen) = (Pair::start(AtsKind::Ashby, VendorKind::StackOne).await?, Pen::new()?);
    let packages = format!("{}/unified/ats/background_checks/packages", address(&pair.made));
    let services = &pair.test_stack.deployment.services;
    let description = "x".repeat(2_000);
    let many = (0..145).map(|n| Package {
        id: format!("p{n}"),
        name: format!("Package {n}"),
        description: description.clone(),
    });
    let many: Vec<_> = many.collect();
    let fill = |connection: &mut Connection| {
        connection.catalogue.get_or_insert_default().packages.clone_from(&many);
    };
    services.change_connection(&pair.made.connection.id, fill).await?.ok_or("no connection")?;
    let add = async |n: usize| -> Result<(u16, String)> {
        let body = json!({ "name": format!("Another {n}"), "description": "y".repeat(2_000) }).to_string();
        let answer = pen.call(&pair, Method::POST, &packages, Some(own(&pair, &body)), body).await?;
        Ok((answer.status, answer.text))
    };
    same("one more", add(0).await?.0, 201)?;
    let mut refused = (201, String::new());
    for n in 1..10 {
        refused = add(n).await?;
    }
    same("one too many", refused.0, 422)?;
    same(&refused.1, refused.1.contains("delete packages"), true)?;
    let path = format!("{packages}/p1");
    let dropped = pen.call(&pair, Method::DELETE, &path, Some(own(&pair, "")), String::new()).await?;
    same("a package is deleted", dropped.status, 200)
}
