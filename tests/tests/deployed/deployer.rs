//! The policy for whoever deploys: enough to make, change and remove one stack, and not another one.

use std::collections::BTreeMap;
use std::process::Command;

use tests::ministack::{MiniStack, finished};
use tests::runtime_api::root;
use tests::world::Result;

const STACK: &str = "crosscheck";

/// The environment of a role that has the policy for [`STACK`] and nothing else.
async fn deployer(aws: &MiniStack) -> Result<BTreeMap<String, String>> {
    let policy = std::fs::read_to_string(root().join("docs/deploy/deployer-policy.json"))?;
    let policy = policy.replace("REGION", "us-east-1").replace("ACCOUNT", "000000000000").replace("STACK", STACK);
    // A role takes no more; a managed policy would take 6,144.
    let size = policy.chars().filter(|c| !c.is_whitespace()).count();
    assert!(size <= 10_240, "{size} characters");
    Ok(serde_json::from_str(&aws.ask(MAKE_ROLE, &policy).await?)?)
}

fn as_role(mut command: Command, role: &BTreeMap<String, String>) -> Command {
    command.envs(role);
    command
}

/// SAM's bucket, made by the role. Its policy denies plain http, which is all that the emulator speaks.
async fn bucket(aws: &MiniStack, role: &BTreeMap<String, String>) -> Result {
    let mut python = aws.command(root().join(".venv/sam/bin/python"));
    python.args(["-c", MAKE_BUCKET]);
    let name = finished(as_role(python, role)).await?;
    let name = name.lines().last().unwrap_or_default().to_owned();
    aws.ask(OPEN_BUCKET, &name).await.map(drop)
}

fn delete(aws: &MiniStack, stack: &str) -> Command {
    let mut sam = aws.command(root().join(".venv/sam/bin/sam"));
    sam.args(["delete", "--no-prompts", "--region", "us-east-1", "--stack-name", stack]);
    sam
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deployers_policy_is_enough_for_its_stack_and_for_no_other() -> Result {
    let aws = MiniStack::start().await?;
    let role = deployer(&aws).await?;
    bucket(&aws, &role).await?;
    finished(as_role(aws.sam_deploy(STACK, &["ApiLogsRole=create"]), &role)).await?;
    finished(as_role(aws.sam_deploy(STACK, &["LogLevel=debug", "AlarmEmail=ops@example.com"]), &role)).await?;
    let refused = finished(as_role(aws.sam_deploy("somebody-elses", &[]), &role)).await;
    let said = refused.err().ok_or("the policy deploys somebody else's stack")?.to_string();
    assert!(said.contains("AccessDenied") && said.contains("cloudformation:CreateChangeSet"), "{said}");
    finished(as_role(delete(&aws, STACK), &role)).await.map(drop)
}

const MAKE_ROLE: &str = "
import boto3, json, sys
roles = boto3.client('iam')
anyone = {'Version': '2012-10-17', 'Statement': [
    {'Effect': 'Allow', 'Principal': {'AWS': 'arn:aws:iam::000000000000:root'}, 'Action': 'sts:AssumeRole'}]}
arn = roles.create_role(RoleName='deployer', AssumeRolePolicyDocument=json.dumps(anyone))['Role']['Arn']
roles.put_role_policy(RoleName='deployer', PolicyName='deployer', PolicyDocument=sys.argv[1])
key = boto3.client('sts').assume_role(RoleArn=arn, RoleSessionName='test')['Credentials']
print(json.dumps({'AWS_ACCESS_KEY_ID': key['AccessKeyId'], 'AWS_SECRET_ACCESS_KEY': key['SecretAccessKey'],
                  'AWS_SESSION_TOKEN': key['SessionToken']}))
";

const MAKE_BUCKET: &str = "
from samcli.lib.bootstrap.bootstrap import manage_stack
print(manage_stack(profile=None, region='us-east-1'))
";

const OPEN_BUCKET: &str = "
import boto3, sys
boto3.client('s3').delete_bucket_policy(Bucket=sys.argv[1])
";
