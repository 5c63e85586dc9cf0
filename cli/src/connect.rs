//! `crosscheck connect`: tries the keys, stores secret and connection, and prints what each side has to enter.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use shared::ats::{KeySource, Paste};
use shared::connection::{Connection, ConnectionState, NewConnection, TokenHash};
use shared::order::{ConnectionId, clean};
use shared::secrets::StoredKeys;
use shared::signature::{TriggerToken, random, sha256_hex};
use shared::store::Alias;
use url::Url;

use crate::args::Connect;
use crate::deployment::{CliError, Deployment, aws};
use crate::keys;
use crate::output;

/// A connection that was just made, with what is shown this once.
pub struct Made {
    /// The connection.
    pub connection: Connection,
    /// The trigger token.
    pub trigger_token: String,
    /// The secret of the vendor's callbacks.
    pub callback_secret: String,
    /// The secret by which the vendor verifies us, if it does.
    pub signing_secret: String,
}

/// Runs the command.
///
/// # Errors
/// See [`CliError`]; nothing is stored then.
pub async fn run(args: &Connect) -> Result<(), CliError> {
    let deployment = Deployment::open(&args.target).await?;
    let made = make(&deployment, args).await?;
    print(&deployment, &made, args)
}

async fn make(deployment: &Deployment, args: &Connect) -> Result<Made, CliError> {
    let draft = draft(deployment, args)?;
    let alias = args.provider_key.map(|key| (Alias::new(draft.ats, &key.to_string()), key));
    if alias.is_some() && !draft.ats.facts().makes_up_keys {
        let title = draft.ats.title();
        return Err(CliError::Input(format!("{title} makes up no keys of its own; leave --provider-key out")));
    }
    let before = match &alias {
        Some((alias, _)) => holder(deployment, alias).await?,
        None => None,
    };
    let keys = keys::prompt(&draft, fresh_keys()?)?;
    let made = store(deployment, draft, &keys, args.no_check).await?;
    if let Some((alias, key)) = &alias {
        know_by(deployment, &made.connection, alias, before.as_ref(), &key.to_string()).await?;
    }
    Ok(made)
}

/// The revoked connection that has this alias; none may have it that is still in use.
async fn holder(deployment: &Deployment, alias: &Alias) -> Result<Option<ConnectionId>, CliError> {
    let store = &deployment.services.store;
    let Some(id) = store.connection_named(alias).await? else { return Ok(None) };
    match store.connection(&id).await? {
        Some(found) if found.state != ConnectionState::Revoked => {
            Err(CliError::Input(format!("this provider key is that of connection {id}; revoke that one first")))
        }
        _ => Ok(Some(id)),
    }
}

/// Lets the ATS call the connection by a key that it made up itself.
async fn know_by(
    deployment: &Deployment,
    connection: &Connection,
    alias: &Alias,
    before: Option<&ConnectionId>,
    key: &str,
) -> Result<(), CliError> {
    let store = &deployment.services.store;
    let named = match before {
        Some(before) => store.rename_connection(alias, before, &connection.id).await?,
        None => store.name_connection(alias, &connection.id).await?,
    };
    if !named {
        let advice = format!("another connection got this provider key meanwhile; revoke {}", connection.id);
        return Err(CliError::Input(advice));
    }
    let token = TokenHash { sha256: sha256_hex(key.as_bytes()), expires_at: None, of_the_ats: true };
    store.change_connection(&connection.id, |connection| connection.tokens.push(token.clone())).await?;
    Ok(())
}

fn draft(deployment: &Deployment, args: &Connect) -> Result<Connection, CliError> {
    let state = match args.ats.facts().key_source {
        KeySource::Operator | KeySource::Partner => ConnectionState::Active,
        // Orders are taken once the ATS admin has connected.
        KeySource::Consent => ConnectionState::Waiting,
    };
    let new = NewConnection {
        id: ConnectionId::from_random(random().map_err(no_randomness)?),
        ats: args.ats,
        vendor: args.vendor,
        ats_url: args.ats_url.clone().unwrap_or_else(|| args.ats.facts().production_url()),
        vendor_url: vendor_url(args)?,
        public_url: deployment.base_url.clone(),
        created_at: deployment.services.clock.now(),
    };
    let connection = Connection {
        state,
        expected_account: args.company_id.clone(),
        admin_email_sha256: args.admin_email.as_deref().map(email_hash),
        options: options(args)?,
        ..Connection::new(new)
    };
    for (name, url) in [("--ats-url", &connection.ats_url), ("--vendor-url", &connection.vendor_url)] {
        deployment.services.outbound.allow(url).map_err(|why| CliError::Input(format!("{name} {url}: {why}")))?;
    }
    Ok(connection)
}

/// The vendor's base URL as given, else the one that all its customers share.
fn vendor_url(args: &Connect) -> Result<Url, CliError> {
    args.vendor_url.clone().or_else(|| args.vendor.facts().production_url()).ok_or_else(|| {
        CliError::Input(format!(
            "--vendor-url is missing: {} has no base URL that all customers share; ask the vendor which one its \
             customers enter",
            args.vendor.title()
        ))
    })
}

/// The vendor's options, each known to the vendor and none missing.
fn options(args: &Connect) -> Result<BTreeMap<String, String>, CliError> {
    let known = args.vendor.facts().options;
    let given: BTreeMap<String, String> = args.vendor_option.iter().cloned().collect();
    let names = || known.iter().map(|o| format!("{} ({})", o.name, o.help)).collect::<Vec<_>>().join(", ");
    if let Some(name) = given.keys().find(|name| known.iter().all(|o| o.name != **name)) {
        let title = args.vendor.title();
        return Err(CliError::Input(format!("{title} has no option {name}; it knows these: {}", names())));
    }
    for option in known {
        let checked = given.get(option.name).map_or(Ok(()), |value| (option.check)(value));
        checked.map_err(|why| CliError::Input(format!("--vendor-option {}: {why}", option.name)))?;
    }
    match known.iter().find(|o| o.required && !given.contains_key(o.name)) {
        Some(missing) => {
            Err(CliError::Input(format!("--vendor-option {}=VALUE is missing: {}", missing.name, missing.help)))
        }
        None => Ok(given),
    }
}

/// An e-mail address as the table holds it.
pub fn email_hash(address: &str) -> String {
    sha256_hex(clean::plain(address).to_lowercase().as_bytes())
}

/// Stores a connection: first the secret, so that nothing refers to one that is missing.
///
/// # Errors
/// See [`CliError`].
pub async fn store(
    deployment: &Deployment,
    mut connection: Connection,
    keys: &StoredKeys,
    no_check: bool,
) -> Result<Made, CliError> {
    if !no_check {
        connection.catalogue = keys::check(deployment, &connection, keys).await?;
    }
    let token = TriggerToken::mint(&connection.id, random().map_err(no_randomness)?);
    connection.tokens = vec![token.hash];
    let text = serde_json::to_string(keys).map_err(std::io::Error::from)?;
    deployment
        .vault
        .create_secret()
        .name(deployment.services.secrets.connection_name(&connection.id))
        .description("Keys of one Crosscheck connection")
        .set_kms_key_id(deployment.kms_key.clone())
        .secret_string(text)
        .send()
        .await
        .map_err(|e| aws("secretsmanager:CreateSecret", shared::error::aws_code(&e)))?;
    if let Err(fault) = deployment.services.store.create_connection(&connection).await {
        let name = deployment.services.secrets.connection_name(&connection.id);
        // The keys must not stay behind without their connection. If deleting fails too, the first fault matters more.
        let _ = deployment.vault.delete_secret().secret_id(name).force_delete_without_recovery(true).send().await;
        return Err(fault.into());
    }
    let StoredKeys { callback_secret, signing_secret, .. } = keys.clone();
    Ok(Made { connection, trigger_token: token.text, callback_secret, signing_secret })
}

/// The keys that we make up ourselves; the rest is empty.
///
/// # Errors
/// When the operating system has no randomness to give.
pub fn fresh_keys() -> Result<StoredKeys, CliError> {
    Ok(StoredKeys {
        callback_secret: fresh_secret()?,
        signing_secret: format!("whsec_{}", STANDARD.encode(random::<32>().map_err(no_randomness)?)),
        ..StoredKeys::default()
    })
}

/// A fresh secret for a vendor's callbacks.
///
/// # Errors
/// When the operating system has no randomness to give.
pub fn fresh_secret() -> Result<String, CliError> {
    Ok(sha256_hex(&random::<32>().map_err(no_randomness)?))
}

/// Words for a machine that gives no random bytes.
pub fn no_randomness(_: impl std::fmt::Debug) -> CliError {
    CliError::Input("the operating system has no randomness to give; try again".to_owned())
}

/// Which keys were tried, and what came of it.
fn tried(connection: &Connection, no_check: bool) -> String {
    let (ats, vendor) = (connection.ats.title(), connection.vendor.title());
    // An ATS that gives its key by consent has given none yet.
    let has_ats_key = connection.ats.facts().key_source != KeySource::Consent;
    match &connection.catalogue {
        _ if no_check => "The keys were not tried (--no-check).".to_owned(),
        Some(catalogue) => {
            let which = if has_ats_key { "The keys work" } else { "The vendor's key works" };
            format!("{which}; {vendor} offers {} packages.", catalogue.packages.len())
        }
        None if has_ats_key => format!("{ats}'s key works. {vendor} has no call that tries its key."),
        None => format!("No key was tried: {ats} has given none yet, and {vendor} has no call that tries its key."),
    }
}

fn print(deployment: &Deployment, made: &Made, args: &Connect) -> Result<(), CliError> {
    let (no_check, as_json) = (args.no_check, args.target.json.json);
    let connection = &made.connection;
    let base_url = output::ats_base_url(connection, &deployment.base_url);
    let callback_url = output::callback_url(connection, &deployment.base_url);
    let facts = connection.vendor.facts();
    let brand = args.brand.as_deref().or(facts.brand).unwrap_or(facts.title);
    let paste = Paste { brand, base_url: &base_url, trigger_token: &made.trigger_token };
    let ats_steps = connection.ats.setup().guide(&paste);
    let mut vendor_steps = connection.vendor.setup().guide(&callback_url, &made.callback_secret);
    let signing_steps = connection.vendor.setup().signing_guide(&made.signing_secret);
    let signing_secret = (!signing_steps.is_empty()).then_some(&made.signing_secret);
    vendor_steps.extend(signing_steps);
    if as_json {
        return Ok(output::document(&json!({
            "connection_id": connection.id.to_string(),
            "trigger_token": made.trigger_token,
            "base_url": base_url,
            "callback_url": callback_url,
            "callback_secret": made.callback_secret,
            "signing_secret": signing_secret,
            "activation_form": connection.ats.setup().activation_form(),
            "steps": { "ats": ats_steps, "vendor": vendor_steps },
        }))?);
    }
    output::line(format!(
        "Connected {} to {} as {}.",
        connection.ats.title(),
        connection.vendor.title(),
        connection.id
    ))?;
    output::line(tried(connection, no_check))?;
    if let Some(form) = connection.ats.setup().activation_form() {
        output::line("\nThe activation form, once per partner (`crosscheck ats setup` publishes it):")?;
        output::document(&form)?;
    }
    output::steps(&format!("What the {} admin does:", connection.ats.title()), &ats_steps)?;
    output::steps(&format!("What happens at {}:", connection.vendor.title()), &vendor_steps)?;
    Ok(output::line("\nToken and secret are shown this once. `crosscheck connections rotate` makes new ones.")?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Cli, Command};
    use clap::Parser as _;
    use shared::ats::AtsKind;
    use shared::connection::Catalogue;
    use shared::vendor::VendorKind;

    fn url_of(words: &[&str]) -> Result<String, CliError> {
        let line = [&["crosscheck", "connect", "--local", "--ats", "ashby", "--vendor"], words].concat();
        let Command::Connect(args) = Cli::parse_from(line).command else { panic!("another command") };
        vendor_url(&args).map(String::from)
    }

    #[test]
    fn it_is_said_which_keys_were_tried() {
        let connection = |ats, vendor: VendorKind, catalogue| {
            let url = Url::parse("https://example.com").expect("a URL");
            let new = NewConnection {
                id: ConnectionId::from_random([1; 8]),
                ats,
                vendor,
                ats_url: url.clone(),
                vendor_url: url,
                public_url: String::new(),
                created_at: jiff::Timestamp::UNIX_EPOCH,
            };
            Connection { catalogue, ..Connection::new(new) }
        };
        let offers = || Some(Catalogue::default());
        let (ashby, consent) = (AtsKind::Ashby, AtsKind::SmartRecruiters);
        for (ats, vendor, catalogue, no_check, said) in [
            (ashby, VendorKind::SpringVerify, offers(), false, "The keys work; SpringVerify offers 0 packages."),
            (consent, VendorKind::SpringVerify, offers(), false, "The vendor's key works"),
            (ashby, VendorKind::StackOne, None, false, "Ashby's key works"),
            (consent, VendorKind::StackOne, None, false, "No key was tried"),
            (ashby, VendorKind::SpringVerify, None, true, "The keys were not tried"),
        ] {
            let words = tried(&connection(ats, vendor, catalogue), no_check);
            assert!(words.starts_with(said), "{words}");
        }
    }

    #[test]
    fn a_wrong_option_is_named_whether_or_not_the_keys_are_tried() {
        for (vendor, option, why) in [
            ("checkr", "work_location=California", "US-CA"),
            ("checkr", "node= ", "empty"),
            ("stackone", "signing=hmac", "standard-webhooks"),
            ("stackone", "packages_url=vendor.example/packages", "no web address"),
            ("springverify", "portal_url=http://portal.example/{candidate_id}", "not https"),
        ] {
            let line = ["crosscheck", "connect", "--local", "--ats", "ashby", "--vendor", vendor, "--no-check"];
            let line = [&line[..], &["--vendor-option", option]].concat();
            let Command::Connect(args) = Cli::parse_from(line).command else { panic!("another command") };
            let said = options(&args).expect_err(option).to_string();
            assert!(said.contains(why), "{said}");
        }
    }

    #[test]
    fn a_vendor_without_a_shared_base_url_has_to_be_given_one() {
        for vendor in ["ashby-partner", "justifacts"] {
            let missing = url_of(&[vendor]).expect_err("no URL");
            assert!(missing.to_string().contains("--vendor-url is missing"), "{missing}");
        }
        let given = ["ashby-partner", "--vendor-url", "https://vendor.example/ashby/"];
        assert_eq!(url_of(&given).expect("a URL"), "https://vendor.example/ashby/");
        assert_eq!(url_of(&["checkr"]).expect("a URL"), "https://api.checkr.com/v1");
    }
}
