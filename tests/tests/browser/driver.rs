//! Chromium by way of its driver: the few commands of the `WebDriver` protocol that these tests need.
//!
//! Written here because fantoccini stands on a crate under MPL-2.0, which deny.toml does not list, and thirtyfour brings
//! far more than these tests use.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use tests::ministack::client;
use tests::world::Result;

/// The keys that are no letters, as the protocol writes them.
pub(crate) mod key {
    /// Tab.
    pub(crate) const TAB: &str = "\u{e004}";
    /// Enter.
    pub(crate) const ENTER: &str = "\u{e007}";
}

/// Under what name the protocol gives an element's reference.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Time for what should be there at once, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs the driver, and ends it once standard input closes: that happens when the test is over, however it ends. The
/// browser goes with its driver, because the pipe between the two closes.
const GUARD: &str = r#"folder=$1; shift
trap : INT TERM
"$@" >"$folder/driver.log" 2>&1 & driver=$!
read -r _
kill -9 "$driver" 2>/dev/null
wait "$driver" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do # the browser may write while it ends
  rm -rf "$folder" 2>/dev/null
  sleep 0.3
  [ -e "$folder" ] || break
done"#;

/// What kind of browser is wanted.
#[derive(Default)]
pub(crate) struct Wanted {
    /// Whether scripts are switched off.
    pub(crate) no_scripts: bool,
    /// Names that it finds on this machine: Chromium's `--host-resolver-rules`.
    pub(crate) hosts: String,
}

/// A browser with one window. It ends when it is dropped.
pub(crate) struct Browser {
    client: reqwest::Client,
    session: String,
    guard: Child,
}

impl Drop for Browser {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // The guard ends by itself, and nobody is left to tell if it does not.
        let _ = self.guard.wait();
    }
}

impl Browser {
    /// Starts one whose window shows `size` pixels, width first.
    ///
    /// # Errors
    /// Says what is not installed, or what the driver said.
    pub(crate) async fn start(wanted: Wanted, size: (u32, u32)) -> Result<Self> {
        let folder = own_folder()?;
        let guard = Command::new("sh")
            .args(["-c", GUARD, "guard"])
            .arg(&folder)
            .args(["chromedriver", "--port=0", "--allowed-ips=127.0.0.1"])
            .env("HOME", &folder)
            .env("XDG_CONFIG_HOME", folder.join("config"))
            .env("XDG_CACHE_HOME", folder.join("cache"))
            .stdin(Stdio::piped())
            .spawn()?;
        let mut browser = Self { client: client()?, session: String::new(), guard };
        let driver = format!("http://127.0.0.1:{}/session", port(&folder.join("driver.log")).await?);
        let capabilities = json!({ "capabilities": { "alwaysMatch": capabilities(&folder, &wanted) } });
        let answer = browser.send(Method::POST, &driver, &capabilities).await?;
        let id = answer["sessionId"].as_str().ok_or("the driver gave no session")?;
        browser.session = format!("{driver}/{id}");
        browser.resize(size).await?;
        Ok(browser)
    }

    async fn send(&self, method: Method, url: &str, body: &Value) -> Result<Value> {
        let request = self.client.request(method.clone(), url);
        let request = if method == Method::POST { request.body(body.to_string()) } else { request };
        let answer: Value = serde_json::from_str(&request.send().await?.text().await?)?;
        let value = &answer["value"];
        match value["error"].as_str() {
            Some(error) => Err(format!("{method} {url}: {error}: {}", value["message"]).into()),
            None => Ok(value.clone()),
        }
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value> {
        self.send(Method::POST, &format!("{}/{path}", self.session), &body).await
    }

    async fn get(&self, path: &str) -> Result<Value> {
        self.send(Method::GET, &format!("{}/{path}", self.session), &Value::Null).await
    }

    /// What the window shows is so large from now on, width first.
    pub(crate) async fn resize(&self, (width, height): (u32, u32)) -> Result {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        let command = json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": metrics });
        self.post("goog/cdp/execute", command).await.map(drop)
    }

    /// Types an address into the address bar, so to speak.
    pub(crate) async fn open(&self, url: &str) -> Result {
        self.post("url", json!({ "url": url })).await.map(drop)
    }

    /// Where the window, not a frame in it, is.
    pub(crate) async fn address(&self) -> Result<String> {
        Ok(self.get("url").await?.as_str().unwrap_or_default().to_owned())
    }

    /// The window's title.
    pub(crate) async fn title(&self) -> Result<String> {
        Ok(self.get("title").await?.as_str().unwrap_or_default().to_owned())
    }

    async fn find(&self, css: &str) -> Result<String> {
        let found = self.post("element", json!({ "using": "css selector", "value": css })).await?;
        Ok(found[ELEMENT].as_str().ok_or("no reference")?.to_owned())
    }

    /// The text that is seen of an element.
    pub(crate) async fn text(&self, css: &str) -> Result<String> {
        let text = self.get(&format!("element/{}/text", self.find(css).await?)).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// What stands in a field at this moment.
    pub(crate) async fn value(&self, css: &str) -> Result<String> {
        let value = self.get(&format!("element/{}/property/value", self.find(css).await?)).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// The role and the name that a screen reader is given of an element.
    pub(crate) async fn announced(&self, css: &str) -> Result<(String, String)> {
        let element = self.find(css).await?;
        let role = self.get(&format!("element/{element}/computedrole")).await?;
        let name = self.get(&format!("element/{element}/computedlabel")).await?;
        Ok((role.as_str().unwrap_or_default().to_owned(), name.as_str().unwrap_or_default().to_owned()))
    }

    /// Clicks an element with the mouse.
    pub(crate) async fn click(&self, css: &str) -> Result {
        let element = self.find(css).await?;
        self.post(&format!("element/{element}/click"), json!({})).await.map(drop)
    }

    /// Presses keys one after another, whatever has the focus.
    pub(crate) async fn keys(&self, keys: &str) -> Result {
        let strokes = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|half| json!({ "type": half, "value": key.to_string() })));
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes.collect::<Vec<_>>() });
        self.post("actions", json!({ "actions": [keyboard] })).await.map(drop)
    }

    /// Clicks into a field and types.
    pub(crate) async fn fill(&self, css: &str, text: &str) -> Result {
        self.click(css).await?;
        self.keys(text).await
    }

    /// What a script returns. The driver may run scripts even where pages may not.
    pub(crate) async fn script(&self, script: &str) -> Result<Value> {
        self.post("execute/sync", json!({ "script": script, "args": [] })).await
    }

    /// What follows is about the page in a frame.
    pub(crate) async fn enter_frame(&self, css: &str) -> Result {
        let frame = json!({ "id": { ELEMENT: self.find(css).await? } });
        self.post("frame", frame).await.map(drop)
    }

    /// Waits until an element shows these words.
    ///
    /// # Errors
    /// Says what it showed when the time was over.
    pub(crate) async fn until_text(&self, css: &str, words: &str) -> Result {
        let began = Instant::now();
        loop {
            // Between two pages there may be no element, or one that is just going away.
            let shown = self.text(css).await.unwrap_or_else(|problem| problem.to_string());
            if shown.contains(words) {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                return Err(format!("{css} does not show \"{words}\" but: {shown}").into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Keeps what the window shows as a picture below `target/screenshots`.
    pub(crate) async fn picture(&self, name: &str) -> Result {
        let picture = self.get("screenshot").await?;
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
        fs::create_dir_all(&folder)?;
        let bytes = STANDARD.decode(picture.as_str().unwrap_or_default())?;
        Ok(fs::write(folder.join(format!("{name}.png")), bytes)?)
    }

    /// Everything that the pages made the browser complain about since somebody asked.
    pub(crate) async fn complaints(&self) -> Result<Vec<String>> {
        let log = self.post("se/log", json!({ "type": "browser" })).await?;
        let entries = log.as_array().into_iter().flatten();
        Ok(entries.map(|entry| format!("{} {}", entry["level"], entry["message"])).collect())
    }

    /// Closes the window. Nothing may be left that the browser complained about.
    ///
    /// # Errors
    /// Says what it complained about.
    pub(crate) async fn close(self) -> Result {
        let complaints = self.complaints().await?;
        self.send(Method::DELETE, &self.session, &Value::Null).await?;
        if complaints.is_empty() { Ok(()) } else { Err(format!("the browser complains: {complaints:?}").into()) }
    }
}

/// A new folder for one browser; the guard removes it.
fn own_folder() -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("browser-{}", uuid()));
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn uuid() -> String {
    shared::order::OrderId::generate().to_string()
}

/// The port that the driver took, as it says in its log.
async fn port(log: &Path) -> Result<u16> {
    let began = Instant::now();
    loop {
        let said = fs::read_to_string(log).unwrap_or_default();
        let port = said.split_once("started successfully on port ").and_then(|(_, rest)| rest.split_once('.'));
        if let Some((port, _)) = port {
            return Ok(port.parse()?);
        }
        if began.elapsed() > PATIENCE || said.contains("not found") {
            return Err(format!("chromedriver does not start; `make browser` installs it: {said}").into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn capabilities(folder: &Path, wanted: &Wanted) -> Value {
    let mut args = vec![
        "--headless=new".to_owned(),
        "--remote-debugging-pipe".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--disable-gpu".to_owned(),
        // Containers and CI run as root, where Chromium refuses its sandbox; every page here is our own.
        "--no-sandbox".to_owned(),
        format!("--user-data-dir={}", folder.join("profile").display()),
    ];
    if !wanted.hosts.is_empty() {
        args.push(format!("--host-resolver-rules={}", wanted.hosts));
    }
    let mut options = json!({ "args": args });
    if wanted.no_scripts {
        options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
    }
    json!({
        "browserName": "chrome",
        "acceptInsecureCerts": true,
        "goog:loggingPrefs": { "browser": "ALL" },
        "goog:chromeOptions": options,
    })
}
