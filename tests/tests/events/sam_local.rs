//! Each built function in the environment that `sam local` would give it: what docs/local.md says of its lines.

use crosscheck::environment::Variables;
use serde_json::{Value, json};
use shared::ats::AtsKind;
use shared::vendor::VendorKind;
use sim::pair::Pair;
use tests::runtime_api::{Outcome, RunningFunction, built};
use tests::sam::{Line, local_environments, local_lines, resource_of};
use tests::world::Result;

use super::files;

/// Hands an event of `events/`, as it stands, to its function.
async fn invoke(environments: &Value, event: &str) -> Result<Outcome> {
    let function = super::function_of(event)?;
    let of_function = &environments[resource_of(environments, function)?];
    let variables = of_function.as_object().into_iter().flatten().map(|(k, v)| (k, v.as_str().unwrap_or_default()));
    let mut running = RunningFunction::start(&built(".aws-sam/build", function)?, variables).await?;
    let text = files()?.remove(event).ok_or("no such event")?;
    let outcome = running.invoke(serde_json::from_str(&text)?).await?;
    running.stop().await?;
    Ok(outcome)
}

/// What `sam local` makes of the file that a stack leaves for it. There a container's name for its host stands in the
/// place of this machine's own, which no container is around to resolve here.
fn beside(pair: &Pair) -> Result<Value> {
    let file = std::env::temp_dir().join(format!("crosscheck-sam-local-{}.json", std::process::id()));
    let given = Variables::local(&pair.stack.file).for_sam().to_string().replace("host.docker.internal", "127.0.0.1");
    std::fs::write(&file, given)?;
    let found = local_environments(Some(&file.display().to_string()));
    std::fs::remove_file(&file)?;
    found
}

/// As without `crosscheck dev`: nobody listens where the functions look for AWS.
fn alone() -> Result<Value> {
    let mut environments = local_environments(None)?;
    for function in environments.as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
        for service in ["DYNAMODB", "SECRETS_MANAGER", "SQS"] {
            let endpoint = &mut function[format!("AWS_ENDPOINT_URL_{service}")];
            assert_eq!(*endpoint, "", "sam local takes only what is declared");
            *endpoint = "http://127.0.0.1:9".into();
        }
    }
    Ok(environments)
}

fn status(outcome: &Outcome) -> Option<u16> {
    match outcome {
        Outcome::Answered(answer) => answer["statusCode"].as_u64().and_then(|code| u16::try_from(code).ok()),
        Outcome::Failed(_) => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_function_starts_beside_a_local_stack_and_answers_as_the_document_says() -> Result {
    let pair = Pair::start(AtsKind::Ashby, VendorKind::SpringVerify).await?;
    let environments = beside(&pair)?;
    for Line { event, beside, .. } in local_lines()? {
        let outcome = invoke(&environments, &event).await?;
        assert_eq!(status(&outcome), beside, "{event}: {outcome:?}");
        if event.starts_with("order-worker") {
            assert!(
                matches!(&outcome, Outcome::Answered(done) if done["batchItemFailures"] == json!([])),
                "{outcome:?}"
            );
        }
        if event.starts_with("status-sync") {
            assert!(matches!(&outcome, Outcome::Answered(done) if done["queued"] == 0), "{outcome:?}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_local_stack_every_function_starts_and_says_that_its_table_is_away() -> Result {
    let environments = alone()?;
    for Line { event, alone, .. } in local_lines()? {
        let outcome = invoke(&environments, &event).await?;
        assert_eq!(status(&outcome), alone, "{event}: {outcome:?}");
        if event.starts_with("order-worker") {
            let one = |done: &Value| done["batchItemFailures"].as_array().is_some_and(|all| all.len() == 1);
            assert!(matches!(&outcome, Outcome::Answered(done) if one(done)), "{outcome:?}");
        }
        if event.starts_with("status-sync") {
            assert!(
                matches!(&outcome, Outcome::Failed(why) if why["errorType"] == "Crosscheck.platform"),
                "{outcome:?}"
            );
        }
    }
    Ok(())
}
