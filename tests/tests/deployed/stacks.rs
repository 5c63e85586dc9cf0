//! Two stacks side by side: one deployed by pressing Enter, one out of a bundle. One is upgraded with an order in
//! flight, removed, deployed anew and at last given its old table back, while the other goes on.

use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;
use shared::secrets::PartnerKeys;
use sim::{Delivery, SimTeamtailor};
use tests::ministack::{MiniStack, client, finished};
use tests::runtime_api::root;
use tests::world::{Result, code};

use super::street::{Street, tell};

/// The stack of `samconfig.toml`'s default, and one beside it.
const FIRST: &str = "crosscheck";
const OTHER: &str = "crosscheck-other";

#[tokio::test(flavor = "multi_thread")]
async fn two_stacks_an_upgrade_a_removal_and_what_was_kept() -> Result {
    let began = Instant::now();
    let aws = Arc::new(MiniStack::start().await?);
    guided(&aws).await?;
    tell(began, "sam deploy --guided made a stack, answered by Enter and one y")?;
    out_of_a_bundle(&aws).await?;
    tell(began, "a bundle made another, without Rust, cargo-lambda or zig")?;
    let mut first = Street::at(Arc::clone(&aws), FIRST, began).await?;
    let mut other = Street::at(Arc::clone(&aws), OTHER, began).await?;
    for street in [&mut first, &mut other] {
        street.package = street.first_package().await?;
    }
    let order = upgrade_with_an_order_in_flight(&mut first).await?;
    let waiting = lost_callback(&mut other).await?;
    let kept = remove(&first).await?;
    first.step("the stack is removed; table, key and secrets stay")?;
    other.ashby_shows(&waiting, "the other stack's sync", |shown| shown.completed).await?;
    other.step("the other stack's schedule still runs, and repaired a lost callback")?;
    under_a_domain(&other).await?;
    take_up(&mut first, &kept, &order).await?;
    partner_keys_follow_the_key(&mut first).await
}

/// The questions of `sam deploy --guided`, on a terminal, with a copy of `samconfig.toml` that holds what an emulator
/// needs.
async fn guided(aws: &MiniStack) -> Result {
    let folder = root().join("target/guided");
    std::fs::create_dir_all(&folder)?;
    let config = std::fs::read_to_string(root().join("samconfig.toml"))?;
    let own = format!(
        "[default.deploy.parameters]\ntags = \"ms-custom-id={FIRST}\"\nparameter_overrides = \"Architecture=x86_64 \
         AllowLoopbackUrls=true PublicUrl={} SyncSchedule=\\\"rate(1 minute)\\\"\"",
        aws.base_url(FIRST)
    );
    let copy = folder.join("samconfig.toml");
    std::fs::write(&copy, config.replacen("[default.deploy.parameters]", &own, 1))?;
    let mut terminal = aws.command(root().join(".venv/sam/bin/python"));
    terminal.arg(root().join("tests/sam/guided.py")).arg(root().join(".venv/sam/bin/sam")).args(["deploy", "--guided"]);
    terminal.arg("--template-file").arg(root().join(".aws-sam/build/template.yaml")).arg("--config-file").arg(&copy);
    terminal.current_dir(&folder);
    let said = finished(terminal).await?;
    assert!(said.contains("Deploy this changeset?") && !said.contains("has no authentication"), "{said}");
    assert!(said.contains("Successfully created/updated stack"), "{said}");
    Ok(())
}

/// As whoever has a bundle and the SAM CLI only: the archive is unpacked elsewhere, and no compiler is on the path.
async fn out_of_a_bundle(aws: &MiniStack) -> Result {
    let name = format!("crosscheck-{}-x86_64", env!("CARGO_PKG_VERSION"));
    let (archive, folder) = (root().join("dist").join(format!("{name}.tar.gz")), root().join("target/bundle"));
    if !archive.exists() {
        return Err(format!("{} is missing; `make bundle` makes it", archive.display()).into());
    }
    std::fs::create_dir_all(&folder)?;
    let mut tar = Command::new("tar");
    tar.arg("xzf").arg(&archive).arg("-C").arg(&folder);
    finished(tar).await?;
    let mut sam = aws.command(root().join(".venv/sam/bin/sam"));
    sam.current_dir(folder.join(&name)).env("PATH", "/usr/bin:/bin");
    sam.args(["deploy", "--config-env", "dev", "--stack-name", OTHER, "--no-progressbar"]);
    sam.args(["--tags", &format!("ms-custom-id={OTHER}"), "--parameter-overrides", "AllowLoopbackUrls=true"]);
    sam.arg(format!("PublicUrl={}", aws.base_url(OTHER))).arg("SyncSchedule=\"rate(1 minute)\"");
    finished(sam).await.map(drop)
}

/// A recruiter presses Refresh again and again while the stack is upgraded, and the order of before goes on.
async fn upgrade_with_an_order_in_flight(street: &mut Street) -> Result<String> {
    let order = street.recruiter_orders().await?;
    let check = street.placed(&order).await?;
    let before = versions(street).await?;
    let (aws, stack) = (Arc::clone(&street.aws), street.stack.clone());
    let upgrade = tokio::spawn(async move { aws.deploy(&stack, &["LogLevel=debug", "ReportLinkDays=30"]).await });
    let mut answers = Vec::new();
    while !upgrade.is_finished() {
        answers.push(street.ashby.refresh(&street.partner).await.http_status);
    }
    upgrade.await??;
    assert!(answers.len() > 5 && answers.iter().all(|status| *status == 200), "{answers:?}");
    let after = versions(street).await?;
    let same: Vec<_> = before.iter().filter(|entry| after.contains(entry)).collect();
    assert!(before.len() == 6 && same.is_empty(), "these aliases stayed where they were: {same:?}");
    assert_eq!(street.springverify.vendor_moves(check, code::COMPLETED).await?, [200]);
    street.ashby_shows(&order, "the result", |shown| shown.completed).await?;
    assert_eq!(street.springverify.creates(), 1, "bought twice");
    let said = street.aws.log_lines(&street.stack, "order-worker").await?;
    assert!(said.iter().any(|line| line.contains("\"DEBUG\"")), "the new parameter reached the worker");
    street.step(&format!(
        "upgraded under {} calls, each answered 200; the order of before is completed",
        answers.len()
    ))?;
    Ok(order)
}

async fn lost_callback(street: &mut Street) -> Result<String> {
    let order = street.recruiter_orders().await?;
    let check = street.placed(&order).await?;
    street.springverify.set_delivery(Delivery::Lose);
    street.springverify.vendor_moves(check, code::COMPLETED).await?;
    street.springverify.set_delivery(Delivery::Once);
    Ok(order)
}

/// What a removed stack leaves: its table and its key.
struct Kept {
    table: String,
    key: String,
}

async fn remove(street: &Street) -> Result<Kept> {
    let outputs = outputs(street).await?;
    delete(street).await?;
    let key = text(&outputs, "KeyArn")?;
    let key = key.rsplit('/').next().unwrap_or_default().to_owned();
    Ok(Kept { table: text(&outputs, "TableName")?, key })
}

async fn delete(street: &Street) -> Result {
    let mut sam = street.aws.command(root().join(".venv/sam/bin/sam"));
    sam.args(["delete", "--no-prompts", "--region", "us-east-1", "--stack-name", &street.stack]);
    finished(sam).await.map(drop)
}

/// The new stack has a new key. Partner keys that the old one left behind are encrypted with it once they are entered.
async fn partner_keys_follow_the_key(street: &mut Street) -> Result {
    let teamtailor = SimTeamtailor::start().await?;
    let keys = || PartnerKeys {
        id: teamtailor.integration_id().to_string(),
        key: teamtailor.api_key(),
        webhook_secret: teamtailor.webhook_secret(),
        ats_url: None,
    };
    street.set_up("teamtailor", &teamtailor.base_url(), keys()).await?;
    assert_eq!(key_of_partner_secret(street).await?, text(&outputs(street).await?, "KeyArn")?);
    delete(street).await?;
    street.aws.deploy(FIRST, &[]).await?;
    let new = text(&outputs(street).await?, "KeyArn")?;
    assert_ne!(key_of_partner_secret(street).await?, new, "the kept secret has the old key");
    street.set_up("teamtailor", &teamtailor.base_url(), keys()).await?;
    assert_eq!(key_of_partner_secret(street).await?, new);
    street.step("removed and deployed anew: ats setup puts the kept partner keys under the new stack's key")
}

/// Table and key are imported, then the stack is deployed over them: connection, order and keys are there again.
async fn take_up(street: &mut Street, kept: &Kept, order: &str) -> Result {
    street.aws.ask(IMPORT, &format!("{FIRST} {} {}", kept.table, kept.key)).await?;
    street.aws.deploy(FIRST, &[]).await?;
    assert_eq!(text(&outputs(street).await?, "TableName")?, kept.table);
    let listed = street.crosscheck(&["connections", "list"], &[]).await?;
    assert_eq!(listed["connections"][0]["connection_id"], street.connection.as_str(), "{listed}");
    let shown = street.crosscheck(&["orders", "show", order], &[]).await?;
    assert_eq!(shown["state"], "completed", "{shown}");
    let renewed = street.crosscheck(&["connections", "readdress"], &[]).await?;
    assert_eq!(renewed["renewed"], serde_json::json!([]), "the same address again: {renewed}");
    let next = street.recruiter_orders().await?;
    street.placed(&next).await?;
    street.step("the kept table and key are taken up: old connection, old order, and a new order goes through")
}

/// The stack of docs/deploy/domain.yaml before this one, and the new address wherever the old one was.
async fn under_a_domain(street: &Street) -> Result {
    let api = text(&outputs(street).await?, "ApiId")?;
    let url = street.aws.ask(DOMAIN, &api).await?.trim().to_owned();
    assert_eq!(url, "https://checks.example.com");
    finished(street.aws.sam_deploy_at(&url, OTHER, &[])).await?;
    let renewed = street.crosscheck(&["connections", "readdress"], &[]).await?;
    let [connection] = renewed["renewed"].as_array().map(Vec::as_slice).unwrap_or_default() else {
        return Err(format!("not one connection: {renewed}").into());
    };
    assert_eq!(connection["before"], street.api());
    assert_eq!(connection["base_url"], format!("{url}/ashby/"));
    let answer =
        client()?.post(format!("{}/ashby/assessment.list", street.aws.endpoint)).header("host", "checks.example.com");
    let answer = answer.basic_auth("xck_nobody", Some("")).body("{}").send().await?;
    assert_eq!(answer.status().as_u16(), 401, "{}", answer.text().await?);
    street.step("a domain leads to the stage, without the stage in its URL; every connection has the new address")
}

async fn outputs(street: &Street) -> Result<Value> {
    Ok(serde_json::from_str(&street.aws.ask(OUTPUTS, &street.stack).await?)?)
}

/// Each function's alias and the version that it leads to.
async fn versions(street: &Street) -> Result<Vec<(String, String)>> {
    Ok(serde_json::from_str(&street.aws.ask(VERSIONS, &street.stack).await?)?)
}

async fn key_of_partner_secret(street: &Street) -> Result<String> {
    let name = format!("crosscheck/{}/ats/teamtailor", street.stack);
    Ok(street.aws.ask(KEY_OF_SECRET, &name).await?.trim().to_owned())
}

fn text(outputs: &Value, name: &str) -> Result<String> {
    Ok(outputs[name].as_str().ok_or_else(|| format!("no output {name}"))?.to_owned())
}

const OUTPUTS: &str = "
import boto3, json, sys
found = boto3.client('cloudformation').describe_stacks(StackName=sys.argv[1])['Stacks'][0]['Outputs']
print(json.dumps({o['OutputKey']: o['OutputValue'] for o in found}))
";

const VERSIONS: &str = "
import boto3, json, sys
functions = boto3.client('lambda')
names = [f['FunctionName'] for page in functions.get_paginator('list_functions').paginate() for f in page['Functions']]
own = [name for name in names if name.startswith(sys.argv[1] + '-') and not name.startswith(sys.argv[1] + '-other-')]
print(json.dumps([[n, functions.get_alias(FunctionName=n, Name='live')['FunctionVersion']] for n in sorted(own)]))
";

const KEY_OF_SECRET: &str = "
import boto3, sys
print(boto3.client('secretsmanager').describe_secret(SecretId=sys.argv[1])['KmsKeyId'])
";

/// The commands of docs/deploy.md, in the words of the SDK.
const IMPORT: &str = "
import boto3, sys
stack, table, key = sys.argv[1].split()
stacks = boto3.client('cloudformation')
names = {'StackName': stack, 'ChangeSetName': 'take-up'}
with open('docs/deploy/kept.yaml', encoding='utf-8') as template:
    stacks.create_change_set(**names, ChangeSetType='IMPORT', TemplateBody=template.read(), ResourcesToImport=[
        {'ResourceType': 'AWS::DynamoDB::Table', 'LogicalResourceId': 'OrdersTable', 'ResourceIdentifier': {'TableName': table}},
        {'ResourceType': 'AWS::KMS::Key', 'LogicalResourceId': 'Key', 'ResourceIdentifier': {'KeyId': key}}])
stacks.get_waiter('change_set_create_complete').wait(**names, WaiterConfig={'Delay': 1})
stacks.execute_change_set(**names)
stacks.get_waiter('stack_import_complete').wait(StackName=stack, WaiterConfig={'Delay': 1})
";

/// Certificate and zone are their owner's; the rest is the template's.
const DOMAIN: &str = "
import boto3, sys
name = 'checks.example.com'
certificate = boto3.client('acm').request_certificate(DomainName=name)['CertificateArn']
zone = boto3.client('route53').create_hosted_zone(Name='example.com', CallerReference='test')['HostedZone']['Id']
given = {'DomainName': name, 'CertificateArn': certificate, 'HostedZoneId': zone.split('/')[-1], 'ApiId': sys.argv[1]}
stacks = boto3.client('cloudformation')
with open('docs/deploy/domain.yaml', encoding='utf-8') as template:
    stacks.create_stack(StackName='domain', TemplateBody=template.read(), Parameters=[
        {'ParameterKey': key, 'ParameterValue': value} for key, value in given.items()])
stacks.get_waiter('stack_create_complete').wait(StackName='domain', WaiterConfig={'Delay': 1})
outputs = stacks.describe_stacks(StackName='domain')['Stacks'][0]['Outputs']
print(next(o['OutputValue'] for o in outputs if o['OutputKey'] == 'PublicUrl'))
";
