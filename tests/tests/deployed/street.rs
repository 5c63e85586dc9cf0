//! The deployed stack between a simulated Ashby and a simulated SpringVerify, and what tests do with them.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crosscheck::sim::ashby::{Applicant, Partner, Shown};
use crosscheck::sim::{Answer, SimAshby, SimSpringVerify};
use serde_json::Value;
use tests::ministack::{MiniStack, STACK, finished};
use tests::runtime_api::root;
use tests::world::{Result, id_of};

/// What candidates are recognized by in logs, where no trace of them may be.
const NAME: (&str, &str) = ("Zarafina", "Quillbrook");
const MAILBOX: &str = "zq-canary";

/// The keys of the two accounts, as recognizable as the candidates.
const ATS_KEY: &str = "canary-of-the-ats-key-5d1c";
const VENDOR_KEY: &str = "canary-of-the-vendor-key-8e2f";

pub(crate) struct Street {
    pub(crate) aws: MiniStack,
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

impl Street {
    /// Deploys the stack and connects the two accounts to it with the operator's command.
    pub(crate) async fn open() -> Result<Self> {
        let began = Instant::now();
        let program = program().await?;
        tell(began, "the operator's command is built")?;
        let aws = MiniStack::start().await?;
        tell(began, "an emulated AWS answers")?;
        aws.deploy().await?;
        tell(began, "sam deploy made the stack")?;
        let (ashby, springverify) = (SimAshby::start().await?, SimSpringVerify::start().await?);
        ashby.set_api_key(ATS_KEY);
        springverify.set_token(VENDOR_KEY);
        let mut street = Self {
            partner: Partner::new("", ""),
            base_url: String::new(),
            connection: String::new(),
            package: String::new(),
            secrets: vec![NAME.0.into(), NAME.1.into(), MAILBOX.into()],
            program,
            aws,
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
        let (ats_url, vendor_url) = (self.ashby.base_url(), self.springverify.base_url());
        let places = ["--ats-url", &ats_url, "--vendor-url", &vendor_url];
        let made = self.crosscheck(&["connect", "--ats", "ashby", "--vendor", "springverify"], &places).await?;
        let text = |key: &str| made[key].as_str().map(str::to_owned).ok_or(format!("connect prints no {key}"));
        let (token, secret) = (text("trigger_token")?, text("callback_secret")?);
        (self.base_url, self.connection) = (text("base_url")?, text("connection_id")?);
        self.partner = Partner::new(&self.base_url, &token);
        self.springverify.configure_callback(&text("callback_url")?, &secret);
        self.springverify.set_interim_pushes(true);
        self.secrets.extend([token, secret, ATS_KEY.into(), VENDOR_KEY.into()]);
        Ok(())
    }

    /// Runs `crosscheck … --stack crosscheck --json …` and reads what it prints.
    pub(crate) async fn crosscheck(&self, verb: &[&str], more: &[&str]) -> Result<Value> {
        let mut command = self.aws.command(&self.program);
        command.args(verb).args(["--stack", STACK, "--json"]).args(more);
        command.env("CROSSCHECK_ATS_KEY", ATS_KEY).env("CROSSCHECK_VENDOR_KEY", VENDOR_KEY);
        Ok(serde_json::from_str(&finished(command).await?)?)
    }

    /// A candidate whom nobody else shares an address or a number with.
    pub(crate) fn candidate(&mut self) -> Applicant {
        self.people += 1;
        let (n, (first, last)) = (self.people, NAME);
        let (email, phone) = (format!("{MAILBOX}{n}@example.com"), format!("98{n:03}73194"));
        self.secrets.push(phone.clone());
        self.ashby.add_candidate(first, last, &email, Some(&phone))
    }

    pub(crate) async fn recruiter_starts(&self, application: &str) -> Result<Answer> {
        Ok(self.ashby.recruiter_starts(&self.partner, application, &self.package, Value::Null).await?)
    }

    /// A recruiter orders a check for a new candidate; the order's id.
    pub(crate) async fn recruiter_orders(&mut self) -> Result<String> {
        let application = self.candidate().application_id;
        id_of(&self.recruiter_starts(&application).await?)
    }

    /// Waits until the vendor has the order; the vendor's id.
    pub(crate) async fn placed(&self, order: &str) -> Result<i64> {
        let wanted = |check: &crosscheck::sim::springverify::Ordered| check.meta_data["order_id"] == order;
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
            let lines = self.aws.log_lines(function).await.unwrap_or_default();
            let mut own: Vec<&String> = lines.iter().filter(|line| line.starts_with('{')).collect();
            let last = own.split_off(own.len().saturating_sub(8));
            said.extend(last.into_iter().map(|line| format!("{function}: {line}\n")));
        }
        said
    }

    pub(crate) fn step(&self, done: &str) -> Result {
        tell(self.began, done)
    }
}

pub(crate) const FUNCTIONS: [&str; 4] = ["ashby-webhook", "vendor-callback", "order-worker", "status-sync"];

fn tell(began: Instant, done: &str) -> Result {
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
