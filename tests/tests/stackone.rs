//! StackOne's own published client library, pointed at our base URL as a vendor would point it.
//!
//! `make stackone` installs the library, as `tests/stackone/package-lock.json` pins it.

use std::process::Stdio;

use serde_json::Value;
use shared::ats::AtsKind;
use shared::order::{Outcome, Score, State};
use shared::vendor::VendorKind;
use sim::pair::{Pair, Person};
use tests::runtime_api::root;
use tests::world::{PHONE, Result};
use tokio::process::Command;

/// Runs the client; what it printed.
async fn client(pair: &Pair, words: &[&str]) -> Result<Value> {
    let connection = &pair.made.connection;
    let output = Command::new("node")
        .arg(root().join("tests/stackone/client.mjs"))
        .args(words)
        .env("STACKONE_URL", connection.callback_url())
        .env("STACKONE_KEY", &pair.made.callback_secret)
        .env("STACKONE_ACCOUNT_ID", connection.id.to_string())
        .stderr(Stdio::inherit())
        .output()
        .await
        .map_err(|e| format!("node does not run ({e}); `make stackone` installs what this test needs"))?;
    if !output.status.success() {
        return Err("StackOne's client failed; what it says stands above".into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn stackones_own_client_keeps_packages_and_reports_results_at_our_base_url() -> Result {
    let pair = Pair::start(AtsKind::Ashby, VendorKind::StackOne).await?;
    let packages = client(&pair, &["packages"]).await?;
    assert_eq!(packages["read"]["id"], packages["created"], "{packages}");
    assert_eq!(packages["read"]["description"], "Identity, criminal record, address");
    let listed = packages["listed"].as_array().ok_or("no list")?;
    assert!(
        listed.iter().any(|p| p["id"] == packages["created"]) && listed.iter().all(|p| p["id"] != packages["dropped"])
    );
    assert_eq!((&packages["wrong_key"]["status"], &packages["wrong_account"]["status"]), (&401.into(), &401.into()));
    assert!(
        pair.ats.packages().await?.iter().any(|name| name == "Standard"),
        "recruiters see what the vendor put there"
    );

    let asha = Person { first: "Asha", last: "Rao", email: "asha@example.com", phone: Some(PHONE) };
    let (card, answer) = pair.ats.orders(asha).await?;
    assert!(answer.is_ok(), "{}", answer.text);
    let order = pair.until_card(&card, |o| o.placement.vendor_ref().is_some()).await?;
    let result = client(&pair, &["result", &order.id.to_string()]).await?;
    assert_eq!(result["unknown_order"]["status"], 404, "{result}");
    assert_eq!((&result["candidate"]["name"], &result["candidate"]["email"]), (&"Asha Rao".into(), &asha.email.into()));
    assert_eq!(result["application"]["candidateId"], result["candidate"]["id"], "{result}");
    let order = pair.until_card(&card, |o| o.status.state == State::Completed && o.told == o.version).await?;
    assert_eq!(order.status.outcome, Outcome::Clear);
    assert_eq!(order.score, Some(Score { raw: 80, min: 0, max: 100 }));
    assert!(pair.ats.card(&card).is_some_and(|shown| shown.link.is_some_and(|link| link.contains("/reports/"))));
    Ok(pair.ends_with_bought(1)?)
}
