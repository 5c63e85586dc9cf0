//! The command line, as `crosscheck --help` shows it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use shared::ats::AtsKind;
use shared::order::{ConnectionId, OrderId, clean};
use shared::vendor::VendorKind;
use url::Url;

use crate::help::{
    admin_email_help, ats_help, company_help, display_mode_help, partners_help, provider_key_help, vendor_help,
    with_consent,
};

/// Self-hosted bridge between applicant tracking systems and background-check vendors.
#[derive(Debug, Parser)]
#[command(name = "crosscheck", version, about, arg_required_else_help = true, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Play whole orders against simulated accounts, and show what the recruiter sees
    #[command(disable_help_flag = true)]
    Demo(HandedOn),
    /// Run the whole stack on this machine: same routes, embedded DynamoDB, no AWS account
    #[command(disable_help_flag = true)]
    Dev(HandedOn),
    /// Connect an ATS account to a vendor account, and print what the ATS admin enters where
    Connect(Connect),
    /// Set this deployment up as a partner.
    #[command(subcommand, about = partners_help())]
    Ats(Ats),
    /// List vendors, their options and status maps, or say what one of their words becomes in each ATS
    Vendors(Vendors),
    /// List, show, rotate, pause, resume, revoke or readdress connections
    #[command(subcommand)]
    Connections(Connections),
    /// List orders, show one with its history, or cancel one
    #[command(subcommand)]
    Orders(Orders),
    /// Ask the vendors about every open order now, instead of at the next full hour
    Sync(Sync),
    /// Print what a function finds in its environment, for `sam local --env-vars`
    Env(Env),
}

/// One JSON document for scripts.
#[derive(Debug, Clone, Copy, Args)]
pub struct Json {
    /// Print one JSON document instead of text
    #[arg(long)]
    pub json: bool,
}

/// Which deployment a command speaks to.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// The stack of this name in AWS (region and credentials as for the AWS CLI; honours `AWS_ENDPOINT_URL`)
    #[arg(long, value_name = "NAME")]
    pub stack: Option<String>,
    /// The stack behind `crosscheck dev` on this machine
    #[arg(long)]
    pub local: bool,
}

/// Where a command goes, and how it prints.
#[derive(Debug, Clone, Args)]
pub struct Target {
    /// Which deployment.
    #[command(flatten)]
    pub which: Which,
    /// Data folder of the local stack [default: .crosscheck]
    #[arg(long, value_name = "DIR", conflicts_with = "stack")]
    pub data: Option<PathBuf>,
    /// How to print.
    #[command(flatten)]
    pub json: Json,
}

/// The arguments for `crosscheck-dev`, as they were typed.
#[derive(Debug, Args)]
pub struct HandedOn {
    /// Its options; `--help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTIONS")]
    pub args: Vec<OsString>,
}

/// `crosscheck connect`.
#[derive(Debug, Args)]
pub struct Connect {
    /// The applicant tracking system.
    #[arg(long, help = ats_help(|_| true))]
    pub ats: AtsKind,
    /// The vendor.
    #[arg(long, help = vendor_help())]
    pub vendor: VendorKind,
    /// Base URL of the ATS's API instead of its production one
    #[arg(long, value_name = "URL")]
    pub ats_url: Option<Url>,
    /// Base URL of the vendor's API instead of its production one (a sandbox, say)
    #[arg(long, value_name = "URL")]
    pub vendor_url: Option<Url>,
    /// E-mail address of the ATS admin.
    #[arg(long, value_name = "ADDRESS", required_if_eq_any = with_consent(), help = admin_email_help())]
    pub admin_email: Option<String>,
    /// The only company that may connect.
    #[arg(long, value_name = "ID", help = company_help())]
    pub company_id: Option<String>,
    /// The ATS's own key.
    #[arg(long, value_name = "UUID", help = provider_key_help())]
    pub provider_key: Option<uuid::Uuid>,
    /// A setting of the vendor's beside its key, such as `work_location=US-CA`; `crosscheck vendors` lists them
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub vendor_option: Vec<(String, String)>,
    /// What the vendor's card is called in the ATS, for the printed steps, where a hub's card carries another name
    #[arg(long, value_name = "NAME")]
    pub brand: Option<String>,
    /// Store the connection without trying the keys against the live systems first
    #[arg(long)]
    pub no_check: bool,
    /// Where to.
    #[command(flatten)]
    pub target: Target,
}

/// `crosscheck ats`.
#[derive(Debug, Subcommand)]
pub enum Ats {
    /// Keep the partner keys that the ATS gave you, and publish where this deployment's doors are
    Setup(Setup),
    /// Show what is published at the ATS
    Show(Published),
}

/// `crosscheck ats setup`.
#[derive(Debug, Args)]
pub struct Setup {
    /// What to publish where.
    #[command(flatten)]
    pub published: Published,
    /// How the consent page opens.
    #[arg(long, help = display_mode_help(), value_enum, default_value_t = DisplayMode::Popup)]
    pub display_mode: DisplayMode,
    /// Keep the keys without publishing anything, where the partner's page can be filled in by hand
    #[arg(long)]
    pub no_publish: bool,
}

/// `crosscheck ats show`.
#[derive(Debug, Args)]
pub struct Published {
    /// The applicant tracking system.
    #[arg(help = ats_help(|facts| facts.partner_keys.is_some()))]
    pub ats: AtsKind,
    /// Base URL of the ATS's API instead of its production one
    #[arg(long, value_name = "URL")]
    pub ats_url: Option<Url>,
    /// Where to.
    #[command(flatten)]
    pub target: Target,
}

/// How the consent page opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum DisplayMode {
    /// In a window within the ATS.
    Popup,
    /// In place of the ATS, which is returned to.
    Redirect,
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    Ok((clean::plain(name), clean::plain(value)))
}

/// `crosscheck vendors`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Vendors {
    /// One of them, instead of the list.
    #[command(subcommand)]
    pub command: Option<VendorsCommand>,
    /// Also list the packages of the connections of this stack in AWS
    #[arg(long, value_name = "NAME", conflicts_with = "local")]
    pub stack: Option<String>,
    /// Also list the packages of the connections of the local stack
    #[arg(long)]
    pub local: bool,
    /// Data folder of the local stack [default: .crosscheck]
    #[arg(long, value_name = "DIR", requires = "local")]
    pub data: Option<PathBuf>,
    /// How to print.
    #[command(flatten)]
    pub json: Json,
}

/// `crosscheck vendors explain`.
#[derive(Debug, Subcommand)]
pub enum VendorsCommand {
    /// Say what a vendor's word becomes in each ATS
    Explain {
        /// The vendor, as `crosscheck vendors` names it
        vendor: VendorKind,
        /// Its status word or code, such as "On Hold"
        word: String,
        /// How to print.
        #[command(flatten)]
        json: Json,
    },
}

/// `crosscheck connections`.
#[derive(Debug, Subcommand)]
pub enum Connections {
    /// List every connection and its trouble
    List(Target),
    /// Show one connection, its packages and its trouble
    Show(One),
    /// Replace the trigger token (default), the callback secret or the keys of a connection
    Rotate(Rotate),
    /// Refuse new orders, with words for the recruiter; open ones are still followed
    Pause(One),
    /// Take orders again
    Resume(One),
    /// Make the trigger tokens void for good; open orders are still followed
    Revoke(One),
    /// Show, add or remove the stages that order a check by themselves, where the ATS starts none
    Rules(Rules),
    /// Renew the base URL in every connection after it changed, and print who has to enter what
    Readdress(Target),
}

/// One connection.
#[derive(Debug, Args)]
pub struct One {
    /// Id of the connection, as `crosscheck connections list` shows it
    pub connection: ConnectionId,
    /// Where to.
    #[command(flatten)]
    pub target: Target,
}

/// `crosscheck connections rotate`.
#[derive(Debug, Args)]
pub struct Rotate {
    /// Id of the connection, as `crosscheck connections list` shows it
    pub connection: ConnectionId,
    /// Hours for which the old trigger token stays valid
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(i64).range(0..=720))]
    pub keep_hours: i64,
    /// Replace the secret of the vendor's callbacks instead; the old one stays valid until a key or secret of the
    /// connection is next replaced, by a rotation, the consent of an ATS admin or the first rule
    #[arg(long, conflicts_with = "keys")]
    pub callback_secret: bool,
    /// Replace the secret that signs what we send to the vendor instead; under Standard Webhooks the old one signs too
    /// until the next such rotation, under a scheme with one signature the new one alone
    #[arg(long, conflicts_with_all = ["keys", "callback_secret"])]
    pub signing_secret: bool,
    /// Replace the ATS's and the vendor's API keys instead (asked for, or `CROSSCHECK_ATS_KEY` and
    /// `CROSSCHECK_VENDOR_KEY`)
    #[arg(long)]
    pub keys: bool,
    /// Where to.
    #[command(flatten)]
    pub target: Target,
}

/// `crosscheck connections rules`.
#[derive(Debug, Args)]
pub struct Rules {
    /// Id of the connection, as `crosscheck connections list` shows it
    pub connection: ConnectionId,
    /// Add a rule: whoever enters this stage (its name or id) is checked
    #[arg(long, value_name = "NAME", requires = "package")]
    pub stage: Option<String>,
    /// With this package of the vendor's, by its id
    #[arg(long, value_name = "ID", requires = "stage")]
    pub package: Option<String>,
    /// For this job alone (its name or id)
    #[arg(long, value_name = "NAME", requires = "stage")]
    pub job: Option<String>,
    /// Remove the rule of this number
    #[arg(long, value_name = "NUMBER", conflicts_with = "stage")]
    pub remove: Option<usize>,
    /// The id that the ATS gave you as a partner; with it, results of these orders are written to the candidate
    #[arg(long, value_name = "UUID")]
    pub partner_id: Option<uuid::Uuid>,
    /// Where to.
    #[command(flatten)]
    pub target: Target,
}

/// `crosscheck orders`.
#[derive(Debug, Subcommand)]
pub enum Orders {
    /// List open orders, and closed ones whose candidate's data is still held
    List(Target),
    /// Show one order with its history
    Show(OneOrder),
    /// Cancel one order, where the ATS has no button for it
    Cancel(Cancel),
}

/// One order.
#[derive(Debug, Args)]
pub struct OneOrder {
    /// Id of the order: the assessment id that the ATS shows
    pub order: OrderId,
    /// Where to.
    #[command(flatten)]
    pub target: Target,
}

/// `crosscheck orders cancel`.
#[derive(Debug, Args)]
pub struct Cancel {
    /// The order.
    #[command(flatten)]
    pub one: OneOrder,
    /// Close the order at once without asking the vendor, who may go on with the check: for a vendor that cannot be
    /// asked and will say nothing more. On a closed order: give up an update that the ATS refuses
    #[arg(long)]
    pub close: bool,
}

/// `crosscheck env`.
#[derive(Debug, Args)]
pub struct Env {
    /// Which deployment.
    #[command(flatten)]
    pub which: Which,
    /// Data folder of the local stack [default: .crosscheck]
    #[arg(long, value_name = "DIR", conflicts_with = "stack")]
    pub data: Option<PathBuf>,
    /// Print lines of NAME=VALUE instead, for `cargo lambda --env-file`
    #[arg(long)]
    pub dotenv: bool,
}

/// `crosscheck sync`.
#[derive(Debug, Args)]
pub struct Sync {
    /// Where to.
    #[command(flatten)]
    pub target: Target,
}
