//! What a cold start costs: sizes of the functions as they are deployed, and their starts against an empty program.
//!
//! `make bench` builds what this measures. Times are compared within one run only, and turn by turn.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crosscheck::environment::Variables;
use sim::test_stack::TestStack;
use tests::ministack::finished;
use tests::runtime_api::{FUNCTIONS, RunningFunction, built, root};
use tests::world::Result;

/// Starts of each program that are measured.
const STARTS: usize = 20;

/// The bars: a zipped arm64 function, and a start in starts of the empty program.
const MAX_ZIPPED: u64 = 3_000_000;
const MAX_RATIO: f64 = 6.0;

/// `lambda_runtime` around a handler that does nothing, built as the functions are, and left there by cargo-lambda.
const EMPTY: &str = "target/lambda/empty/bootstrap";

#[tokio::main]
async fn main() -> Result {
    print("arm64 function                binary      zipped")?;
    let mut over = Vec::new();
    for function in FUNCTIONS {
        let program = built(".aws-sam/arm64", function)?;
        let (binary, zipped) = (std::fs::metadata(&program)?.len(), zipped(&program).await?);
        print(&format!("{function:<24} {:>8.2} MB {:>8.2} MB", megabytes(binary), megabytes(zipped)))?;
        if zipped > MAX_ZIPPED {
            over.push(format!("{function} has {:.2} MB zipped", megabytes(zipped)));
        }
    }
    let starts = measure().await?;
    let empty = starts.first().map_or(Duration::ZERO, |(_, times)| median(times));
    print(&format!("\nx86_64 start to the first question for work, median of {STARTS}"))?;
    for (name, times) in &starts {
        let (time, ratio) = (median(times), median(times).as_secs_f64() / empty.as_secs_f64());
        print(&format!("{name:<24} {:>8.1} ms {ratio:>8.2} x", time.as_secs_f64() * 1000.0))?;
        if ratio > MAX_RATIO {
            over.push(format!("{name} starts in {ratio:.1} times the empty program's time"));
        }
    }
    if over.is_empty() { Ok(()) } else { Err(format!("over the bar: {}", over.join("; ")).into()) }
}

/// Every program by turns, so that a slow moment of the machine falls on all of them.
async fn measure() -> Result<Vec<(&'static str, Vec<Duration>)>> {
    let test_stack = TestStack::start().await?;
    let environment = Variables::local(&test_stack.stack.file);
    let mut programs: Vec<(&str, PathBuf, Vec<Duration>)> = vec![("empty", root().join(EMPTY), Vec::new())];
    for function in FUNCTIONS {
        programs.push((function, built(".aws-sam/build", function)?, Vec::new()));
    }
    for round in 0..=STARTS {
        for (_, program, times) in &mut programs {
            let running = RunningFunction::start(program, environment.iter()).await?;
            // The first round brings the programs into the page cache.
            times.extend((round > 0).then_some(running.started_in));
            running.stop().await?;
        }
    }
    Ok(programs.into_iter().map(|(name, _, times)| (name, times)).collect())
}

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The size of the zip that `sam deploy` uploads, by the library that it makes it with.
async fn zipped(program: &Path) -> Result<u64> {
    let mut python = Command::new("python3");
    python.args(["-c", ZIP]).arg(program);
    Ok(finished(python).await?.trim().parse()?)
}

const ZIP: &str = "
import io, sys, zipfile
file = io.BytesIO()
with zipfile.ZipFile(file, 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.write(sys.argv[1], 'bootstrap')
print(len(file.getvalue()))
";

#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "a size to be read by people")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn print(line: &str) -> Result {
    use std::io::Write as _;
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
