//! `sam local` in containers, beside `crosscheck dev`: what docs/local.md says of each line, by `invoke` and by
//! `start-api`. `make sam-local` builds what this needs; the container engine is the caller's.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tests::ministack::{client, finished, until_it_answers};
use tests::runtime_api::root;
use tests::sam::{Line, container_gateway, local_lines};
use tests::world::Result;

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It ends by itself on a termination signal, and takes its containers along; one that is gone needs none.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

/// `crosscheck dev --simulate` where containers reach it.
struct Dev {
    _running: Running,
    data: PathBuf,
}

impl Dev {
    fn start() -> Result<Self> {
        let data = root().join("target/sam-local");
        let program = root().join("target/debug/crosscheck");
        let mut command = Command::new(program);
        command.args(["dev", "--simulate", "--json", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
        command.arg("--aws-listen").arg(format!("{}:0", address()?)).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let mut said = String::new();
        let out = child.stdout.take().ok_or("no output")?;
        let running = Running(child);
        for line in BufReader::new(out).lines() {
            said += &line?;
            if serde_json::from_str::<Value>(&said).is_ok() {
                return Ok(Self { _running: running, data });
            }
        }
        Err(format!("crosscheck dev ended: {said}").into())
    }

    fn sam_local(&self, verb: &str) -> Command {
        let mut command = Command::new(root().join(".venv/sam/bin/sam"));
        command.args(["local", verb, "--template", ".aws-sam/local/template.yaml", "--skip-pull-image"]);
        command
            .args(["--parameter-overrides", "Architecture=x86_64", "--env-vars"])
            .arg(self.data.join("local.env.json"));
        command.env("SAM_CLI_TELEMETRY", "0").current_dir(root()).stdin(Stdio::null());
        command
    }

    async fn invoke(&self, resource: &str, event: &Path) -> Result<Value> {
        let mut command = self.sam_local("invoke");
        command.arg(resource).arg("--event").arg(event);
        Ok(serde_json::from_str(&finished(command).await?)?)
    }
}

/// Where containers find this machine: the bridge, or this machine's own address where an engine in a virtual machine
/// has the bridge.
fn address() -> Result<String> {
    let gateway = container_gateway()?;
    let own = std::net::TcpListener::bind((gateway.as_str(), 0)).is_ok();
    Ok(if own { gateway } else { "127.0.0.1".to_owned() })
}

fn status(answer: &Value) -> Option<u16> {
    answer.get("statusCode")?.as_u64().and_then(|code| u16::try_from(code).ok())
}

#[tokio::test(flavor = "multi_thread")]
async fn sam_local_runs_every_function_as_the_document_says() -> Result {
    let dev = Dev::start()?;
    let refresh = dev.invoke("AshbyWebhookFunction", &dev.data.join("ashby-webhook-list.json")).await?;
    assert_eq!(status(&refresh), Some(200), "{refresh}");
    let body = refresh.get("body").and_then(Value::as_str).unwrap_or_default();
    assert!(body.contains("assessment_type_id"), "no packages: {body}");
    for Line { resource, event, beside, .. } in local_lines()? {
        let answer = dev.invoke(&resource, &root().join("events").join(format!("{event}.json"))).await?;
        assert_eq!(status(&answer), beside, "{event}: {answer}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn sam_local_start_api_serves_every_route() -> Result {
    let dev = Dev::start()?;
    let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let mut command = dev.sam_local("start-api");
    command
        .args(["--port", &port.to_string(), "--warm-containers", "LAZY"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let _running = Running(command.spawn()?);
    let base = format!("http://127.0.0.1:{port}");
    until_it_answers(&format!("{base}/teamtailor/activation")).await?;
    let event: Value = serde_json::from_str(&std::fs::read_to_string(dev.data.join("ashby-webhook-list.json"))?)?;
    let own = event.pointer("/headers/Authorization").and_then(Value::as_str).ok_or("no token")?;
    for (method, path, key, wanted) in [
        ("GET", "/teamtailor/activation", None, 200),
        ("POST", "/ashby/assessment.list", Some(own), 200),
        ("POST", "/ashby/assessment.list", None, 401),
        ("GET", "/smartrecruiters/connect", None, 503),
        ("POST", "/callbacks/springverify/0123456789abcdef", None, 404),
        ("GET", "/callbacks/stackone/0123456789abcdef/unified/ats/assessments/packages", None, 404),
        ("PATCH", "/callbacks/stackone/0123456789abcdef/unified/ats/assessments/packages/1", None, 404),
        ("DELETE", "/callbacks/stackone/0123456789abcdef/unified/ats/assessments/packages/1", None, 404),
        ("GET", "/reports/01900000-0000-7000-8000-000000000001", None, 404),
        ("GET", "/nowhere", None, 404),
        ("GET", "/", None, 404),
    ] {
        let mut request = client()?.request(method.parse()?, format!("{base}{path}"));
        if method != "GET" {
            request = request.header("content-type", "application/json").body("{}");
        }
        if let Some(key) = key {
            request = request.header("authorization", key);
        }
        let answer = request.send().await?;
        assert_eq!(answer.status().as_u16(), wanted, "{method} {path}: {}", answer.text().await?);
    }
    Ok(())
}
