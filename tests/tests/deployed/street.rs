//! The deployed stack between simulated ATSs and a simulated SpringVerify, and what tests do with them.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use shared::secrets::PartnerKeys;
use sim::ashby::{Applicant, Partner, Shown};
use sim::{Answer, SimAshby, SimSpringVerify};
use tests::ministack::{MiniStack, finished};
use tests::runtime_api::{FUNCTIONS, root};
use tests::world::{Result, id_of};

/// What candidates are recognized by in logs, where no trace of them may be.
pub(crate) const NAME: (&str, &str) = ("Zarafina", "Quillbrook");
const MAILBOX: &str = "zq-canary";

/// The keys of the two accounts, as recognizable as the candidates.
const ATS_KEY: &str = "canary-of-the-ats-key-5d1c";
const VENDOR_KEY: &str = "canary-of-the-vendor-key-8e2f";

pub(crate) struct Street {
    pub(crate) aws: Arc<MiniStack>,
    /// The stack's name.
    pub(crate) stack: String,
    pub(crate) ashby: SimAshby,
    pub(crate) springverify: SimSpringVerify,
    pub(crate) partner: Partner,
    pub(crate) base_url: String,
    pub(crate) connection: String,
    pub(crate) package: String,
    /// What no log may hold.
    pub(crate) secrets: Vec<String>,
    program: PathBuf,
    began: Instant,
    people: u32,
}

/// What `crosscheck connect` printed.
pub(crate) struct Connected {
    /// What the ATS's base URL field takes.
    pub(crate) base_url: String,
    pub(crate) connection: String,
    pub(crate) trigger_token: String,
}

impl Street {
    /// Deploys the stack and connects the two accounts to it with the operator's command.
    pub(crate) async fn open() -> Result<Self> {
        let (began, stack) = (Instant::now(), "crosscheck");
        let aws = Arc::new(MiniStack::start().await?);
        tell(began, "an emulated AWS answers")?;
        aws.deploy(stack, &["ApiLogsRole=create"]).await?;
        tell(began, "sam deploy made the stack")?;
        Self::at(aws, stack, began).await
    }

    /// Connects two accounts to a stack that is deployed.
    pub(crate) async fn at(aws: Arc<MiniStack>, stack: &str, began: Instant) -> Result<Self> {
        let program = program().await?;
        tell(began, "the operator's command is built")?;
        let (ashby, springverify) = (SimAshby::start().await?, SimSpringVerify::start().await?);
        ashby.set_api_key(ATS_KEY);
        let mut street = Self {
            partner: Partner::new("", ""),
            base_url: String::new(),
            connection: String::new(),
            package: String::new(),
            secrets: vec![NAME.0.into(), NAME.1.into(), MAILBOX.into()],
            program,
            aws,
            stack: stack.to_owned(),
            ashby,
            springverify,
            began,
            people: 0,
        };
        street.connect().await?;
        street.step("crosscheck connect tried both keys and stored the connection")?;
        Ok(street)
    }

    async fn connect(&mut self) -> Result {
        let springverify = self.springverify.clone();
        let made = self.connect_to("ashby", &self.ashby.base_url(), &springverify, &[]).await?;
        self.secrets.push(ATS_KEY.into());
        (self.base_url, self.connection) = (made.base_url, made.connection);
        self.partner = Partner::new(&self.base_url, &made.trigger_token);
        Ok(())
    }

    /// Connects an ATS to a SpringVerify account with the operator's command; the account is told where to call.
    pub(crate) async fn connect_to(
        &mut self,
        ats: &str,
        ats_url: &str,
        vendor: &SimSpringVerify,
        more: &[&str],
    ) -> Result<Connected> {
        vendor.set_token(VENDOR_KEY);
        let vendor_url = vendor.base_url();
        let places = [&["--ats-url", ats_url, "--vendor-url", &vendor_url], more].concat();
        let made = self.crosscheck(&["connect", "--ats", ats, "--vendor", "springverify"], &places).await?;
        let text = |key: &str| made[key].as_str().map(str::to_owned).ok_or(format!("connect prints no {key}"));
        let (trigger_token, callback_secret) = (text("trigger_token")?, text("callback_secret")?);
        vendor.configure_callback(&text("callback_url")?, &callback_secret);
        vendor.set_interim_pushes(true);
        self.secrets.extend([trigger_token.clone(), callback_secret, VENDOR_KEY.into()]);
        Ok(Connected { base_url: text("base_url")?, connection: text("connection_id")?, trigger_token })
    }

    /// Makes the deployment a partner of an ATS with the operator's command, which reads the keys from its environment.
    pub(crate) async fn set_up(&mut self, ats: &str, ats_url: &str, keys: PartnerKeys) -> Result<Value> {
        let mut command = self.command(&["ats", "setup", ats], &["--ats-url", ats_url]);
        command.env("CROSSCHECK_PARTNER_ID", &keys.id).env("CROSSCHECK_PARTNER_KEY", &keys.key);
        command.env("CROSSCHECK_PARTNER_WEBHOOK_SECRET", &keys.webhook_secret);
        self.secrets.extend([keys.key, keys.webhook_secret].into_iter().filter(|secret| !secret.is_empty()));
        Ok(serde_json::from_str(&finished(command).await?)?)
    }

    /// Runs `crosscheck … --stack crosscheck --json …` and reads what it prints.
    pub(crate) async fn crosscheck(&self, verb: &[&str], more: &[&str]) -> Result<Value> {
        Ok(serde_json::from_str(&finished(self.command(verb, more)).await?)?)
    }

    /// Runs `crosscheck … --stack crosscheck` and reads the JSON that it prints unasked.
    pub(crate) async fn crosscheck_prints(&self, verb: &[&str]) -> Result<Value> {
        let mut command = self.aws.command(&self.program);
        command.args(verb).args(["--stack", &self.stack]);
        Ok(serde_json::from_str(&finished(command).await?)?)
    }

    fn command(&self, verb: &[&str], more: &[&str]) -> Command {
        let mut command = self.aws.command(&self.program);
        command.args(verb).args(["--stack", &self.stack, "--json"]).args(more);
        command.env("CROSSCHECK_ATS_KEY", ATS_KEY).env("CROSSCHECK_VENDOR_KEY", VENDOR_KEY);
        command
    }

    /// An e-mail address and a phone number that nobody else has.
    pub(crate) fn reachable_at(&mut self) -> (String, String) {
        self.people += 1;
        let (email, phone) = (format!("{MAILBOX}{}@example.com", self.people), format!("98{:03}73194", self.people));
        self.secrets.push(phone.clone());
        (email, phone)
    }

    /// A candidate of Ashby's.
    pub(crate) fn candidate(&mut self) -> Applicant {
        let (email, phone) = self.reachable_at();
        self.ashby.add_candidate(NAME.0, NAME.1, &email, Some(&phone))
    }

    /// The admin presses Refresh; the first of the vendor's packages.
    pub(crate) async fn first_package(&self) -> Result<String> {
        let answer = self.ashby.refresh(&self.partner).await;
        let picker = self.ashby.picker();
        let first = picker.first().and_then(|package| package["assessment_type_id"].as_str());
        let first = first.ok_or_else(|| format!("refresh answered {}: {}", answer.http_status, answer.text))?;
        Ok(first.to_owned())
    }

    pub(crate) async fn recruiter_starts(&self, application: &str) -> Result<Answer> {
        Ok(self.ashby.recruiter_starts(&self.partner, application, &self.package, Value::Null).await?)
    }

    /// A recruiter orders a check for a new candidate; the order's id.
    pub(crate) async fn recruiter_orders(&mut self) -> Result<String> {
        let application = self.candidate().application_id;
        id_of(&self.recruiter_starts(&application).await?)
    }

    /// Waits until a vendor account has its one order; the vendor's id.
    pub(crate) async fn placed_at(&self, vendor: &SimSpringVerify) -> Result<i64> {
        let first = || vendor.orders().first().map(|check| check.candidate_id);
        self.until("the vendor has the order", 60, first).await
    }

    /// Waits until the vendor has the order; the vendor's id.
    pub(crate) async fn placed(&self, order: &str) -> Result<i64> {
        let wanted = |check: &sim::springverify::Ordered| check.meta_data["order_id"] == order;
        self.until("the vendor has the order", 60, || {
            self.springverify.orders().into_iter().find(wanted).map(|check| check.candidate_id)
        })
        .await
    }

    /// Waits until the recruiter sees this.
    pub(crate) async fn ashby_shows(&self, order: &str, what: &str, wanted: impl Fn(&Shown) -> bool) -> Result<Shown> {
        self.until(what, 100, || self.ashby.shows(order).filter(&wanted)).await
    }

    pub(crate) async fn until<T>(&self, what: &str, seconds: u64, look: impl Fn() -> Option<T>) -> Result<T> {
        let end = Instant::now() + Duration::from_secs(seconds);
        while Instant::now() < end {
            if let Some(seen) = look() {
                return Ok(seen);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(format!("not within {seconds} s: {what}\n{}", self.last_words().await).into())
    }

    /// What the functions said last, for whoever reads a failure.
    async fn last_words(&self) -> String {
        let mut said = String::new();
        for function in FUNCTIONS {
            let lines = self.aws.log_lines(&self.stack, function).await.unwrap_or_default();
            let mut own: Vec<&String> = lines.iter().filter(|line| line.starts_with('{')).collect();
            let last = own.split_off(own.len().saturating_sub(8));
            said.extend(last.into_iter().map(|line| format!("{function}: {line}\n")));
        }
        said
    }

    /// Base URL of the deployed API.
    pub(crate) fn api(&self) -> String {
        self.aws.base_url(&self.stack)
    }

    pub(crate) fn step(&self, done: &str) -> Result {
        tell(self.began, &format!("{}: {done}", self.stack))
    }
}

pub(crate) fn tell(began: Instant, done: &str) -> Result {
    use std::io::Write as _;
    Ok(writeln!(std::io::stdout(), "{:7.1} s  {done}", began.elapsed().as_secs_f64())?)
}

/// The operator's command, built beside this test.
async fn program() -> Result<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--locked", "--quiet", "-p", "crosscheck"]).current_dir(root());
    finished(cargo).await?;
    let this = std::env::current_exe()?;
    Ok(this.ancestors().nth(2).ok_or("this test lies in no target folder")?.join("crosscheck"))
}
