//! The contract of `shared/src/ats/mod.rs` and `shared/src/vendor/mod.rs`, looped over every connector there is.

use std::collections::BTreeSet;

use bytes::Bytes;
use crosscheck::sim::{SimAshby, SimSpringVerify};
use jiff::Timestamp;
use shared::ats::{ATSS, AtsKind, Paste};
use shared::connection::{Connection, ConnectionState};
use shared::inbound::MAX_DEPTH;
use shared::order::{ConnectionId, Outcome, State};
use shared::secrets::StoredKeys;
use shared::vendor::{VENDORS, VendorCall, VendorKind};
use tests::world::Result;
use url::Url;

fn keys() -> StoredKeys {
    StoredKeys {
        ats_key: "a".into(),
        vendor_key: "v".into(),
        callback_secret: "a long callback secret".into(),
        ..StoredKeys::default()
    }
}

fn connection(ats: AtsKind, vendor: VendorKind) -> Result<Connection> {
    Ok(Connection {
        id: ConnectionId::from_random([1; 8]),
        ats,
        vendor,
        ats_url: Url::parse("https://ats.example")?,
        vendor_url: Url::parse("https://vendor.example")?,
        state: ConnectionState::Active,
        account: None,
        admin_email_sha256: None,
        tokens: Vec::new(),
        catalogue: None,
        trouble: None,
        public_url: String::new(),
        options: std::collections::BTreeMap::new(),
        created_at: Timestamp::UNIX_EPOCH,
    })
}

#[test]
fn names_read_back_and_production_is_https() -> Result {
    for ats in ATSS {
        assert_eq!(ats.name().parse::<AtsKind>()?, ats);
        assert_eq!(ats.connector().production_url().scheme(), "https");
    }
    for vendor in VENDORS {
        assert_eq!(vendor.name().parse::<VendorKind>()?, vendor);
        assert_eq!(vendor.connector().production_url().scheme(), "https");
    }
    Ok(())
}

#[test]
fn every_status_map_is_one_to_one_and_clear_is_said_only_of_completed_checks() {
    for vendor in VENDORS {
        let map = vendor.connector().status_map();
        let words: BTreeSet<_> = map.iter().map(|row| row.word.to_lowercase()).collect();
        assert_eq!(words.len(), map.len(), "{vendor} has a word twice");
        for row in map {
            let clear = row.outcome == Outcome::Clear;
            assert!(!clear || row.state == State::Completed, "{vendor}: {} is clear before it is completed", row.word);
        }
    }
}

#[test]
fn no_callback_is_verified_without_the_connections_secret() -> Result {
    for vendor in VENDORS {
        let connection = connection(AtsKind::Ashby, vendor)?;
        for authorization in
            [None, Some(""), Some("Bearer "), Some("Bearer wrong"), Some("Bearer A LONG CALLBACK SECRET")]
        {
            let mut request = http::Request::post("/").body(Bytes::from_static(b"{}"))?;
            if let Some(value) = authorization {
                request.headers_mut().insert("authorization", value.parse()?);
            }
            for known in [vec![], vec![keys()]] {
                assert!(
                    vendor.connector().verify(&request, &connection, &known).is_err(),
                    "{vendor}: {authorization:?}"
                );
            }
        }
    }
    Ok(())
}

#[test]
fn no_body_that_cannot_be_read_is_a_report() {
    let deep = "[".repeat(MAX_DEPTH + 1);
    for vendor in VENDORS {
        for body in [&b""[..], b"{}", b"[]", b"null", b"\xff", b"{\"candidate_id\":", deep.as_bytes()] {
            let call = VendorCall { method: &http::Method::POST, path: &[], query: None, body };
            assert!(!matches!(vendor.connector().read_call(call), Ok(Some(_))), "{vendor}: {body:?}");
        }
    }
}

#[test]
fn guides_name_everything_that_has_to_be_pasted() {
    let paste = Paste { vendor: "VENDOR-TITLE", base_url: "BASE-URL", trigger_token: "TRIGGER-TOKEN" };
    for ats in ATSS {
        let text = ats.connector().guide(&paste).concat();
        assert!(["VENDOR-TITLE", "BASE-URL", "TRIGGER-TOKEN"].iter().all(|word| text.contains(word)), "{ats}: {text}");
    }
    for vendor in VENDORS {
        let text = vendor.connector().guide("CALLBACK-URL", "CALLBACK-SECRET").concat();
        assert!(["CALLBACK-URL", "CALLBACK-SECRET"].iter().all(|word| text.contains(word)), "{vendor}: {text}");
    }
}

#[tokio::test]
async fn keys_are_tried_without_changing_anything() -> Result {
    let (ashby, springverify) = (SimAshby::start().await?, SimSpringVerify::start().await?);
    let outbound = shared::outbound::Outbound::new(true);
    for (good, key) in [(true, ashby.api_key()), (false, "wrong".to_owned())] {
        let url = Url::parse(&ashby.base_url())?;
        let timeout = std::time::Duration::from_secs(5);
        let link = shared::flow::Link::bare(&outbound, &url, &key, timeout);
        assert_eq!(AtsKind::Ashby.connector().check_key(&link).await.is_ok(), good);
    }
    for (good, key) in [(true, springverify.token()), (false, "wrong".to_owned())] {
        let url = Url::parse(&springverify.base_url())?;
        let timeout = std::time::Duration::from_secs(5);
        let link = shared::flow::Link::bare(&outbound, &url, &key, timeout);
        assert_eq!(VendorKind::SpringVerify.connector().catalogue(&link).await.is_ok(), good);
    }
    assert_eq!((springverify.creates(), ashby.violations()), (0, Vec::new()));
    Ok(())
}
