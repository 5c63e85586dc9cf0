//! `crosscheck ats`: this deployment as a partner of an ATS that gives its partners keys of their own.

use std::time::Duration;

use aws_sdk_secretsmanager::operation::create_secret::CreateSecretError;
use serde_json::{Value, json};
use shared::account::Account;
use shared::ats::AtsKind;
use shared::error::Fault;
use shared::secrets::PartnerKeys;
use url::Url;

use crate::args::{Ats, DisplayMode, Published, Setup};
use crate::deployment::{CliError, Deployment, aws};
use crate::keys::{explain, line, not_set_up, secret};
use crate::output;

/// Time for each call.
const PATIENCE: Duration = Duration::from_secs(15);

/// Runs the command.
///
/// # Errors
/// See [`CliError`].
pub async fn run(command: &Ats) -> Result<(), CliError> {
    match command {
        Ats::Setup(args) => setup(args).await,
        Ats::Show(args) => show(args).await,
    }
}

async fn setup(args: &Setup) -> Result<(), CliError> {
    let Published { ats, target, .. } = &args.published;
    let deployment = Deployment::open(target).await?;
    let keys = PartnerKeys { ats_url: args.published.ats_url.clone(), ..prompt(*ats)? };
    let base_url = output::door_url(*ats, &deployment.base_url);
    let url = base(&deployment, *ats, keys.ats_url.as_ref())?;
    let published = if args.no_publish {
        None
    } else {
        announce(&deployment, *ats, &url, &keys, args.display_mode == DisplayMode::Redirect).await?
    };
    keep(&deployment, *ats, &keys).await?;
    let form = ats.setup().activation_form();
    let warnings = warnings(*ats, published.as_ref());
    if target.json.json {
        return Ok(output::document(&json!({
            "ats": ats.name(),
            "base_url": base_url,
            "published": published,
            "warnings": warnings,
            "activation_form": form,
        }))?);
    }
    output::line(format!("The partner keys of {} are kept.", ats.title()))?;
    match published {
        Some(published) => print("Published:", &published)?,
        None => output::line(format!("Nothing was published. The base URL is {base_url}"))?,
    }
    warn(&warnings)?;
    if let Some(form) = form {
        print("The activation form, if the partner page asks for it as JSON:", &form)?;
    }
    Ok(output::line(format!("Next: `crosscheck connect --ats {ats} ...` for each customer account."))?)
}

/// Publishes where the doors are, and reads back what stands there now.
///
/// # Errors
/// Says what the ATS refused.
pub async fn announce(
    deployment: &Deployment,
    ats: AtsKind,
    url: &Url,
    keys: &PartnerKeys,
    redirect: bool,
) -> Result<Option<Value>, CliError> {
    let failed = |fault: Fault| explain(ats.title(), &fault);
    let account = Account::bare(&deployment.services.outbound, url, &keys.key, PATIENCE);
    let base_url = output::door_url(ats, &deployment.base_url);
    ats.setup().publish(&account, keys, &base_url, redirect).await.map_err(failed)?;
    ats.setup().published(&account, keys).await.map_err(failed)
}

async fn show(args: &Published) -> Result<(), CliError> {
    let deployment = Deployment::open(&args.target).await?;
    let keys = deployment.services.secrets.partner(args.ats).await.map_err(|fault| not_set_up(args.ats, fault))?;
    let url = base(&deployment, args.ats, args.ats_url.as_ref().or(keys.ats_url.as_ref()))?;
    let account = Account::bare(&deployment.services.outbound, &url, &keys.key, PATIENCE);
    let found = args.ats.setup().published(&account, &keys).await;
    let published = found.map_err(|fault| explain(args.ats.title(), &fault))?;
    let warnings = warnings(args.ats, published.as_ref());
    match published {
        _ if args.target.json.json => {
            return Ok(output::document(&json!({ "published": published, "warnings": warnings }))?);
        }
        Some(published) => print("Published:", &published)?,
        None => output::line("Nothing is published yet; `crosscheck ats setup` does it.")?,
    }
    warn(&warnings)
}

/// What should be mended in what is published.
fn warnings(ats: AtsKind, published: Option<&Value>) -> Vec<String> {
    published.map(|published| ats.setup().warnings(published)).unwrap_or_default()
}

fn warn(warnings: &[String]) -> Result<(), CliError> {
    Ok(warnings.iter().try_for_each(|words| output::line(format!("Warning: {words}")))?)
}

fn base(deployment: &Deployment, ats: AtsKind, given: Option<&Url>) -> Result<Url, CliError> {
    let url = given.cloned().unwrap_or_else(|| ats.facts().production_url());
    deployment.services.outbound.allow(&url).map_err(|why| CliError::Input(format!("--ats-url {url}: {why}")))?;
    Ok(url)
}

fn prompt(ats: AtsKind) -> Result<PartnerKeys, CliError> {
    let title = ats.title();
    let Some(names) = ats.facts().partner_keys else {
        let advice = format!("{title} gives its partners no keys of their own; use `crosscheck connect --ats {ats}`");
        return Err(CliError::Input(advice));
    };
    let webhook_secret = names.webhook_secret.map(|name| format!("{name} of {title}"));
    Ok(PartnerKeys {
        id: line("CROSSCHECK_PARTNER_ID", &format!("{} of {title}", names.id))?,
        key: secret("CROSSCHECK_PARTNER_KEY", &format!("{} of {title}", names.key))?,
        webhook_secret: match webhook_secret {
            Some(what) => secret("CROSSCHECK_PARTNER_WEBHOOK_SECRET", &what)?,
            None => String::new(),
        },
        ats_url: None,
    })
}

/// Keeps the partner keys in Secrets Manager, new or over the old ones. A secret that a stack of the same name left
/// behind was encrypted with that stack's key, which the functions of this one may not use: it gets this one's.
///
/// # Errors
/// When Secrets Manager refuses.
pub async fn keep(deployment: &Deployment, ats: AtsKind, keys: &PartnerKeys) -> Result<(), CliError> {
    let name = deployment.services.secrets.partner_name(ats);
    let text = serde_json::to_string(keys).map_err(std::io::Error::from)?;
    let create = deployment
        .vault
        .create_secret()
        .name(&name)
        .description("Keys of this Crosscheck deployment as a partner of an ATS")
        .set_kms_key_id(deployment.kms_key.clone())
        .secret_string(&text);
    match create.send().await {
        Ok(_) => Ok(()),
        Err(e) if e.as_service_error().is_some_and(CreateSecretError::is_resource_exists_exception) => {
            let update = deployment.vault.update_secret().secret_id(name).secret_string(text);
            let updated = update.set_kms_key_id(deployment.kms_key.clone()).send().await;
            updated.map(drop).map_err(|e| aws("secretsmanager:UpdateSecret", shared::error::aws_code(&e)))
        }
        Err(e) => Err(aws("secretsmanager:CreateSecret", shared::error::aws_code(&e))),
    }
}

fn print(title: &str, value: &Value) -> Result<(), CliError> {
    output::line(title)?;
    Ok(output::document(value)?)
}
