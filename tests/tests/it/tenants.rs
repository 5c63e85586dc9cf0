//! Several connections in one deployment: none reads or changes what is another's.

mod routes;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crosscheck::output::{ats_base_url, callback_url};
use http::Method;
use serde_json::json;
use shared::ats::ATSS;
use shared::connection::Connection;
use shared::order::{ConnectionId, Order, State};
use shared::secrets::StoredKeys;
use shared::vendor::VENDORS;
use sim::ashby::Partner;
use sim::pair::{Person, PlaysVendor, Tenant};
use sim::springverify::Package;
use sim::test_stack::TestStack;
use tests::World;
use tests::world::{Result, code};

use routes::{Call, calls};

/// A tenant with an order of their own, and what nobody else may see of it.
struct Owner {
    tenant: Tenant,
    order: Order,
    card: String,
    private: Vec<String>,
}

#[expect(clippy::disallowed_methods, reason = "a stranger's client, not ours")]
fn client() -> reqwest::Client {
    reqwest::Client::new()
}

async fn send(client: &reqwest::Client, call: &Call, authorization: &str) -> Result<(u16, String)> {
    let mut request = client.request(call.method.clone(), &call.url).body(call.body.clone());
    for (name, value) in &call.headers {
        request = request.header(*name, value);
    }
    let answer = request.header("authorization", authorization).send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

/// The tenants: two of each ATS, and every vendor among them. Each has placed an order.
async fn owners(test_stack: &TestStack) -> Result<Vec<Owner>> {
    let mut owners: Vec<Owner> = Vec::new();
    let vendors = &mut VENDORS.iter().cycle();
    for ats in ATSS {
        let vendor = *vendors.next().ok_or("no vendor")?;
        let first = owner(test_stack, Tenant::start(&test_stack.deployment, ats, vendor).await?, owners.len()).await?;
        let vendor = *vendors.next().ok_or("no vendor")?;
        let second = first.tenant.beside(&test_stack.deployment, vendor).await?;
        owners.push(first);
        owners.push(owner(test_stack, second, owners.len()).await?);
    }
    assert!(owners.len() >= VENDORS.len(), "every vendor has a tenant");
    Ok(owners)
}

/// One of each vendor.
fn vendors(owners: &[Owner]) -> Vec<&dyn PlaysVendor> {
    let of = |vendor| owners.iter().map(|owner| &*owner.tenant.vendor).find(|plays| plays.kind() == vendor);
    VENDORS.into_iter().filter_map(of).collect()
}

async fn owner(test_stack: &TestStack, tenant: Tenant, n: usize) -> Result<Owner> {
    let mut private = vec![format!("owner{n}@example.com")];
    if let Some(vendor) = tenant.vendor.springverify() {
        let renamed = vendor.packages().into_iter().map(|package| Package {
            subtype_name: format!("{} for owner {n}", package.subtype_name),
            subtype_id: package.subtype_id + 100 * i64::try_from(n).unwrap_or_default(),
            ..package
        });
        vendor.set_packages(renamed.collect());
        private.extend(tenant.ats.packages().await?);
    }
    let phone = format!("9876{n:06}");
    let asha = Person { first: "Asha", last: "Rao", email: &private[0], phone: Some(&phone) };
    let (card, answer) = tenant.ats.orders(asha).await?;
    assert!(answer.is_ok(), "{}", answer.text);
    test_stack.idle().await;
    let orders = test_stack.deployment.services.store.recent().await?;
    let at_rest = |o: &Order| o.placement.vendor_ref().is_some() && o.told == o.version;
    let theirs = |o: &Order| o.connection == tenant.made.connection.id && at_rest(o);
    let order = orders.into_iter().find(theirs).ok_or("the owner's order was not placed")?;
    private.extend(order.placement.vendor_ref().map(str::to_owned));
    // The list says how many credits are left: one less than before the order.
    tenant.ats.packages().await?;
    Ok(Owner { tenant, order, card, private })
}

/// What a tenant may present somewhere, as it stands in their settings.
async fn credentials(owner: &Owner) -> Result<Vec<String>> {
    let Tenant { ats, made, .. } = &owner.tenant;
    let mut all = vec![made.trigger_token.clone(), made.callback_secret.clone()];
    if let Some(sim) = ats.smartrecruiters() {
        all.extend(sim.bearer(&ats.account()).await?);
        all.extend(sim.partner_pair(&ats.account()).map(|(_, secret)| secret));
    }
    if let Some(sim) = ats.teamtailor() {
        all.push(sim.bearer(&ats.account())?);
    }
    Ok(all)
}

/// Everything that the deployment knows and shows, as text.
async fn everything(test_stack: &TestStack, owners: &[Owner]) -> Result<String> {
    let store = &test_stack.deployment.services.store;
    let (connections, orders) = (store.connections().await?, store.recent().await?);
    let shown = |owner: &Owner| format!("{:?} {}", owner.tenant.ats.card(&owner.card), owner.tenant.vendor.creates());
    let shown: Vec<String> = owners.iter().map(shown).collect();
    Ok(format!("{connections:#?}\n{orders:#?}\n{shown:#?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_credential_of_a_tenant_reads_or_changes_anything_of_another_at_any_door() -> Result {
    let test_stack = TestStack::start().await?;
    let (owners, client) = (owners(&test_stack).await?, client());
    let before = everything(&test_stack, &owners).await?;
    let mut tried = 0;
    for (n, owner) in owners.iter().enumerate() {
        for (_, stranger) in owners.iter().enumerate().filter(|(other, _)| *other != n) {
            for credential in credentials(stranger).await? {
                let mut forms = vec![format!("Bearer {credential}")];
                forms.push(format!("Basic {}", STANDARD.encode(format!("{credential}:"))));
                let sim = owner.tenant.ats.teamtailor();
                forms.extend(
                    sim.map(|sim| format!("Bearer {}", sim.jwt(&json!({ "externalTriggerToken": credential })))),
                );
                for call in calls(owner, &vendors(&owners), &credential).await? {
                    // SmartRecruiters is asked whether the pair is good, a tenth of a second after it was last asked.
                    let enough = if call.method == Method::DELETE { 1 } else { forms.len() };
                    for form in &forms[..enough] {
                        let (status, text) = send(&client, &call, form).await?;
                        let what = format!("{} {} as {form}: {status} {text}", call.method, call.url);
                        assert!(call.refused_with.contains(&status), "{what}");
                        assert!(
                            !text.contains("\"success\":true")
                                || call.url.contains(".list")
                                || call.url.contains("customF"),
                            "{what}"
                        );
                        let leaked = owner.private.iter().find(|private| text.contains(*private));
                        assert_eq!(leaked, None, "{what}");
                        tried += 1;
                    }
                }
            }
        }
        test_stack.idle().await;
        let after = everything(&test_stack, &owners).await?;
        let changed: Vec<_> = before.lines().zip(after.lines()).filter(|(old, new)| old != new).take(5).collect();
        assert!(after == before, "something changed by calls for what is {}'s: {changed:?}", owner.private[0]);
    }
    assert!(tried > 500, "{tried}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lists_that_nobody_else_reads_are_the_owners_own() -> Result {
    let test_stack = TestStack::start().await?;
    for owner in owners(&test_stack).await? {
        let listed = owner.tenant.ats.packages().await?;
        assert!(listed.contains(&owner.order.package.name), "{listed:?}");
        let card = owner.tenant.ats.card(&owner.card).ok_or("no card")?;
        assert!(card.updates > 0, "{card:?}");
        assert_eq!((owner.tenant.ats.violations(), owner.tenant.vendor.creates()), (Vec::new(), 1));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connections_credentials_open_nothing_of_anothers() -> Result {
    let world = World::new().await?;
    let World { pair, ashby, springverify, .. } = &world;
    let (id, check) = world.placed_order().await?;
    let draft =
        Connection { id: ConnectionId::from_random([7; 8]), tokens: Vec::new(), ..pair.made.connection.clone() };
    let keys = StoredKeys {
        ats_key: ashby.api_key(),
        vendor_key: springverify.token(),
        callback_secret: "the other connection's secret".to_owned(),
        ..StoredKeys::default()
    };
    let other = crosscheck::connect::store(&pair.deployment, draft, &keys, false).await?;
    let partner = Partner::new(&ats_base_url(&other.connection, &pair.stack.base_url), &other.trigger_token);

    let cancelled = ashby.post(&partner, "assessment.cancel", &json!({ "assessment_id": id }).to_string()).await;
    assert_eq!(cancelled.str_at("/errorInfo/code"), Some("assessment_not_found"), "{}", cancelled.text);
    let started = world.recruiter_starts_at(&partner, &world.candidate().application_id).await?;
    assert_eq!(started.http_status, 422, "the first connection's package is not the second one's: {}", started.text);

    let report =
        json!({ "candidate_id": check, "overall_status_code": 1, "meta_data": { "order_id": id } }).to_string();
    let theirs = "Bearer the other connection's secret";
    assert_eq!(springverify.somebody_posts(Some(theirs), &report).await?.http_status, 401);
    springverify.configure_callback(&callback_url(&other.connection, &pair.stack.base_url), "x");
    assert_eq!(springverify.somebody_posts(Some(theirs), &report).await?.http_status, 404, "their door, our order");
    let ours = format!("Bearer {}", pair.made.callback_secret);
    assert_eq!(springverify.somebody_posts(Some(&ours), &report).await?.http_status, 401);
    pair.idle().await;
    assert_eq!(world.order(&id).await?.status.state, State::AwaitingCandidate);
    springverify
        .configure_callback(&callback_url(&pair.made.connection, &pair.stack.base_url), &pair.made.callback_secret);
    world.vendor_reports(check, code::COMPLETED).await?;
    world.until(&id, State::Completed).await?;
    world.ends_with_bought(1)
}
