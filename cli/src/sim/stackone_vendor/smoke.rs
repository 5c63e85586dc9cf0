//! The bridge's own connector against the vendor: the one place here that knows both.

use super::{Package, Signing, SimStackOneVendor};
use jiff::Timestamp;
use shared::ats::AtsKind;
use shared::connection::{Connection, ConnectionState};
use shared::error::FaultKind;
use shared::flow::Link;
use shared::order::{AtsReference, Candidate, ConnectionId, Order, OrderId, Placement, State, Status};
use shared::outbound::Outbound;
use shared::vendor::VendorKind;
use std::time::Duration;
use url::Url;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OLD_SECRET: &str = "whsec_b2xkIHNlY3JldCBvZiB0aGlz";
const PUBLIC: &str = "https://crosscheck.example/v1";

fn connection(vendor: &SimStackOneVendor, signing: &str) -> Connection {
    let options = [("packages_url", vendor.packages_url()), ("signing", signing.to_owned())];
    Connection {
        id: ConnectionId::from_random([7; 8]),
        ats: AtsKind::Ashby,
        vendor: VendorKind::StackOne,
        ats_url: Url::parse("https://ats.example").unwrap(),
        vendor_url: Url::parse(&vendor.base_url()).unwrap(),
        state: ConnectionState::Active,
        account: None,
        admin_email_sha256: None,
        tokens: Vec::new(),
        catalogue: None,
        trouble: None,
        public_url: PUBLIC.to_owned(),
        options: options.map(|(name, value)| (name.to_owned(), value)).into(),
        created_at: Timestamp::UNIX_EPOCH,
    }
}

fn order(package: &Package) -> Order {
    Order {
        id: OrderId::generate(),
        connection: ConnectionId::from_random([7; 8]),
        reference: AtsReference { candidate_id: "c-1".to_owned(), ..AtsReference::default() },
        package: shared::order::Package {
            id: package.id.clone(),
            name: package.name.clone(),
            description: package.description.clone(),
        },
        candidate: Some(candidate()),
        needs_phone: false,
        status: Status::plain(State::Ordered, "Ordered"),
        placement: Placement::NotPlaced,
        profile_url: None,
        report_url: None,
        score: None,
        reopened: false,
        cancel_asked: false,
        ask: false,
        version: 0,
        told: 0,
        told_at: None,
        telling_until: None,
        revision: 0,
        history: Vec::new(),
        created_at: Timestamp::UNIX_EPOCH,
        placed_at: None,
        submitted_at: None,
        closed_at: None,
    }
}

fn candidate() -> Candidate {
    Candidate {
        first_name: "Asha".to_owned(),
        last_name: "Rao".to_owned(),
        email: "asha@example.com".to_owned(),
        phone: None,
    }
}

async fn vendor() -> SimStackOneVendor {
    let vendor = SimStackOneVendor::start().await.unwrap();
    let account = ConnectionId::from_random([7; 8]).to_string();
    vendor.configure(&format!("{PUBLIC}/callbacks/stackone/{account}"), "our key", &account, SECRET);
    vendor
}

#[tokio::test]
async fn the_whole_package_list_is_read_and_a_wrong_key_is_refused() {
    let (vendor, outbound) = (vendor().await, Outbound::new(true));
    vendor.set_page_size(1);
    let (connection, key) = (connection(&vendor, "stackone"), vendor.key());
    let bare = Link::bare(&outbound, &connection.vendor_url, &key, Duration::from_secs(5));
    let link = Link { connection: Some(&connection), signing_secret: SECRET, ..bare };
    let connector = VendorKind::StackOne.connector();
    let read = connector.catalogue(&link).await.unwrap().unwrap().packages;
    let names: Vec<_> = read.iter().map(|one| one.name.as_str()).collect();
    assert_eq!((names, vendor.violations()), (vec!["Standard", "Employment"], Vec::new()));
    assert!(connector.catalogue(&bare).await.unwrap().is_none(), "without the option the vendor pushes its packages");
    let refused = connector.catalogue(&Link { key: "wrong", ..link }).await.unwrap_err();
    assert_eq!(refused.kind, FaultKind::KeyRefused);
    let nowhere = connector.production_url();
    assert_eq!(connector.catalogue(&Link { base_url: &nowhere, ..link }).await.unwrap_err().kind, FaultKind::Forbidden);
}

#[tokio::test]
async fn an_order_that_is_sent_twice_is_one_and_every_scheme_verifies() {
    let outbound = Outbound::new(true);
    for (signing, name) in
        [(Signing::StackOne, "stackone"), (Signing::StandardWebhooks, "standard-webhooks"), (Signing::Both, "both")]
    {
        let vendor = vendor().await;
        vendor.set_signing(signing);
        vendor.set_test_urls(true);
        let (connection, key) = (connection(&vendor, name), vendor.key());
        let bare = Link::bare(&outbound, &connection.vendor_url, &key, Duration::from_secs(5));
        let link = Link { connection: Some(&connection), signing_secret: SECRET, ..bare };
        let (connector, order) = (VendorKind::StackOne.connector(), order(&vendor.packages()[0]));
        for _ in 0..2 {
            let receipt = connector.place(&link, &order, &candidate()).await.unwrap();
            assert_eq!(receipt.vendor_ref, order.id.to_string());
            assert!(receipt.profile_url.is_some_and(|url| url.starts_with("https://vendor.example/tests/")));
        }
        assert_eq!((vendor.creates(), vendor.orders()[0].events, vendor.violations()), (1, 2, Vec::new()));
    }
}

#[tokio::test]
async fn while_secrets_are_rotated_the_old_one_still_verifies_standard_webhooks() {
    let (vendor, outbound) = (vendor().await, Outbound::new(true));
    vendor.set_signing(Signing::StandardWebhooks);
    let (connection, key) = (connection(&vendor, "standard-webhooks"), vendor.key());
    let bare = Link::bare(&outbound, &connection.vendor_url, &key, Duration::from_secs(5));
    let new = Link { connection: Some(&connection), signing_secret: OLD_SECRET, ..bare };
    let (connector, order) = (VendorKind::StackOne.connector(), order(&vendor.packages()[0]));
    let refused = connector.place(&new, &order, &candidate()).await.unwrap_err();
    assert_eq!((refused.kind, refused.maybe_done), (FaultKind::KeyRefused, false));
    let both = Link { previous_signing_secret: SECRET, ..new };
    assert!(connector.place(&both, &order, &candidate()).await.is_ok());
    vendor.refuse_orders(Some("No contract"));
    let refused = connector.place(&both, &order, &candidate()).await.unwrap_err();
    assert_eq!((refused.kind, refused.words()), (FaultKind::DataRefused, "No contract"));
}
