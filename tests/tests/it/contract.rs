//! The contract of `shared/src/ats/mod.rs` and `shared/src/vendor/mod.rs`, looped over every connector there is.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use shared::ats::{ATSS, AtsKind, KeySource, Paste};
use shared::connection::Connection;
use shared::error::FaultKind;
use shared::inbound::MAX_DEPTH;
use shared::order::{Outcome, State};
use shared::secrets::StoredKeys;
use shared::vendor::{VENDORS, VendorCall, VendorKind};
use sim::pair::Pair;
use tests::world::Result;
use url::Url;

use super::with_every_vendor;

#[test]
fn names_read_back_and_production_is_https() -> Result {
    for ats in ATSS {
        assert_eq!(ats.name().parse::<AtsKind>()?, ats);
        assert_eq!(ats.facts().production_url().scheme(), "https");
    }
    for vendor in VENDORS {
        assert_eq!(vendor.name().parse::<VendorKind>()?, vendor);
        let facts = vendor.facts();
        assert_eq!(facts.production_url().is_some(), facts.base_url.is_some(), "{vendor}: the base URL is no URL");
        for text in [facts.base_url, facts.test_url].into_iter().flatten() {
            assert_eq!(Url::parse(text)?.scheme(), "https", "{vendor}");
        }
    }
    Ok(())
}

#[test]
fn every_status_map_is_one_to_one_and_clear_is_said_only_of_completed_checks() {
    for vendor in VENDORS {
        let map = vendor.facts().words;
        let words: BTreeSet<_> = map.iter().map(|row| row.word.to_lowercase()).collect();
        assert_eq!(words.len(), map.len(), "{vendor} has a word twice");
        for row in map {
            let clear = row.outcome == Outcome::Clear;
            assert!(!clear || row.state == State::Completed, "{vendor}: {} is clear before it is completed", row.word);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_callback_is_verified_without_the_connections_secret() -> Result {
    with_every_vendor(verified_by_its_secret_alone).await
}

async fn verified_by_its_secret_alone(vendor: VendorKind) -> Result {
    let pair = Pair::start(ATSS[0], vendor).await?;
    let known = pair.deployment.services.keys(&pair.made.connection).await?;
    let secret = pair.vendor.secret(&pair.made.callback_secret);
    let proof = |secret: &str| Some(pair.vendor.proof(secret, "{}"));
    let (header, _) = pair.vendor.proof("", "{}");
    let bare = |text: &str| Some((header, text.to_owned()));
    let forged = [None, bare(""), bare("Bearer "), proof(""), proof("wrong"), proof(&secret.to_uppercase())];
    for ats in ATSS {
        let connection = Connection { ats, ..pair.made.connection.clone() };
        let verified = |proof: &Option<(&str, String)>, known: &[StoredKeys]| -> Result<bool> {
            let mut request = http::Request::post("/");
            if let Some((header, value)) = proof {
                request = request.header(*header, value);
            }
            let request = request.body(Bytes::from_static(b"{}"))?;
            Ok(vendor.callbacks().verify(&request, &connection, known).is_ok())
        };
        for proof in &forged {
            assert!(!verified(proof, &[])?, "{vendor}, without a secret: {proof:?}");
            assert!(!verified(proof, std::slice::from_ref(&known))?, "{vendor}: {proof:?}");
        }
        assert!(!verified(&proof(&secret), &[])?, "{vendor}, without a secret: the right one");
        assert!(verified(&proof(&secret), std::slice::from_ref(&known))?, "{vendor}: the right one");
    }
    Ok(())
}

#[test]
fn no_body_that_cannot_be_read_is_a_report() {
    let deep = "[".repeat(MAX_DEPTH + 1);
    for vendor in VENDORS {
        for body in [&b""[..], b"{}", b"[]", b"null", b"\xff", b"{\"candidate_id\":", deep.as_bytes()] {
            let call = VendorCall { method: &http::Method::POST, path: &[], query: None, body };
            assert!(!matches!(vendor.callbacks().read_call(call), Ok(Some(_))), "{vendor}: {body:?}");
        }
    }
}

#[test]
fn guides_name_everything_that_has_to_be_pasted() {
    let paste = Paste { brand: "VENDOR-BRAND", base_url: "BASE-URL", trigger_token: "TRIGGER-TOKEN" };
    for ats in ATSS {
        let text = ats.setup().guide(&paste).concat();
        assert!(["VENDOR-BRAND", "BASE-URL", "TRIGGER-TOKEN"].iter().all(|word| text.contains(word)), "{ats}: {text}");
    }
    for vendor in VENDORS {
        let text = vendor.setup().guide("CALLBACK-URL", "CALLBACK-SECRET").concat();
        assert!(["CALLBACK-URL", "CALLBACK-SECRET"].iter().all(|word| text.contains(word)), "{vendor}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_tried_without_changing_anything() -> Result {
    for ats in ATSS {
        with_every_vendor(move |vendor| tried(ats, vendor)).await.map_err(|e| format!("{ats} with {e}"))?;
    }
    Ok(())
}

async fn tried(ats: AtsKind, vendor: VendorKind) -> Result {
    let pair = Pair::start(ats, vendor).await?;
    let (services, timeout) = (&pair.deployment.services, Duration::from_secs(5));
    let connection = services.store.connection(&pair.made.connection.id).await?.ok_or("no connection")?;
    let keys = services.keys(&connection).await?;
    let wrong = "client_id=wrong&client_secret=wrong".to_owned();
    let wrong = StoredKeys { ats_key: wrong.clone(), vendor_key: wrong, ..keys.clone() };
    let try_ats = async |keys: &StoredKeys| {
        ats.setup().check_key(&services.ats_account(&connection, keys, timeout)).await.map_err(|fault| fault.kind)
    };
    assert_eq!((try_ats(&keys).await, try_ats(&wrong).await), (Ok(()), Err(FaultKind::KeyRefused)));
    let try_vendor = async |keys: &StoredKeys| {
        let listed = vendor.connector().catalogue(&services.vendor_account(&connection, keys, timeout)).await;
        listed.map_err(|fault| fault.kind)
    };
    match try_vendor(&keys).await {
        Ok(Some(catalogue)) => {
            assert!(!catalogue.packages.is_empty());
            assert_eq!(try_vendor(&wrong).await.err(), Some(FaultKind::KeyRefused));
        }
        // A vendor that keeps its list here has nothing to be asked for.
        Ok(None) => assert_eq!(try_vendor(&wrong).await, Ok(None)),
        Err(fault) => return Err(format!("the good key was refused: {}", fault.name()).into()),
    }
    pair.idle().await;
    let after = services.store.connection(&connection.id).await?;
    assert_eq!((after.as_ref(), services.store.recent().await?.len()), (Some(&connection), 0));
    Ok(pair.ends_with_bought(0)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activation_form_is_one_that_its_ats_takes_and_asks_for_the_token() -> Result {
    for ats in ATSS {
        let form = ats.setup().activation_form();
        assert_eq!(form.is_some(), ats.facts().key_source == KeySource::Partner, "{ats}");
        let Some(form) = form else { continue };
        let fields = form["config"]["fields"].as_array().ok_or("no fields")?;
        let ids: Vec<_> = fields.iter().filter_map(|field| field["id"].as_str()).collect();
        assert_eq!(ids, ["externalTriggerToken"], "{ats}");
        let pair = Pair::start(ats, VENDORS[0]).await?;
        let sim = pair.ats.teamtailor().ok_or("no simulator holds this form against its rules")?;
        sim.set_activation(&form.to_string());
        assert_eq!(sim.somebody_gets("activation", None).await.body, form, "{ats}: the door shows what is published");
        pair.ends_with_bought(0)?;
    }
    Ok(())
}
