//! What a vendor behind StackOne reads of an order: its own vendor alone does.

use crosscheck::connect::Made;
use reqwest::Method;
use serde_json::Value;
use shared::ats::AtsKind;
use shared::order::OrderId;
use shared::vendor::VendorKind;
use sim::pair::{Pair, Tenant};
use tests::world::Result;

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
