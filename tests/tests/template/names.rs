//! Two stacks of one account, and the same stack in two regions, do not meet in a name.

use serde_json::Value;
use tests::sam::transformed;
use tests::world::Result;

/// Where a name has to be the only one of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// In its account, whatever the region.
    Account,
    /// In its account and region.
    Region,
    /// In another resource of the stack.
    Resource,
}

/// Where each type that the stack has keeps the name that its owner may give. A type that is missing here fails the
/// test: look it up in `CloudFormation`'s reference first.
const NAMES: [(&str, Option<(&str, Scope)>); 26] = [
    ("AWS::ApiGateway::Account", None),
    ("AWS::ApiGateway::Deployment", None),
    ("AWS::ApiGateway::RestApi", Some(("Name", Scope::Region))),
    ("AWS::ApiGateway::Stage", Some(("StageName", Scope::Resource))),
    ("AWS::CloudWatch::Alarm", Some(("AlarmName", Scope::Region))),
    ("AWS::CloudWatch::Dashboard", Some(("DashboardName", Scope::Account))),
    ("AWS::CodeDeploy::Application", Some(("ApplicationName", Scope::Region))),
    ("AWS::CodeDeploy::DeploymentGroup", Some(("DeploymentGroupName", Scope::Resource))),
    ("AWS::DynamoDB::Table", Some(("TableName", Scope::Region))),
    ("AWS::IAM::ManagedPolicy", Some(("ManagedPolicyName", Scope::Account))),
    ("AWS::IAM::Role", Some(("RoleName", Scope::Account))),
    ("AWS::KMS::Alias", Some(("AliasName", Scope::Region))),
    ("AWS::KMS::Key", None),
    ("AWS::Lambda::Alias", Some(("Name", Scope::Resource))),
    ("AWS::Lambda::EventInvokeConfig", None),
    ("AWS::Lambda::EventSourceMapping", None),
    ("AWS::Lambda::Function", Some(("FunctionName", Scope::Region))),
    ("AWS::Lambda::Permission", None),
    ("AWS::Lambda::Version", None),
    ("AWS::Logs::LogGroup", Some(("LogGroupName", Scope::Region))),
    ("AWS::Logs::MetricFilter", Some(("FilterName", Scope::Resource))),
    ("AWS::Logs::QueryDefinition", Some(("Name", Scope::Region))),
    ("AWS::SNS::Topic", Some(("TopicName", Scope::Region))),
    ("AWS::SQS::Queue", Some(("QueueName", Scope::Region))),
    ("AWS::Scheduler::Schedule", Some(("Name", Scope::Region))),
    ("AWS::SecretsManager::Secret", Some(("Name", Scope::Region))),
];

/// What of the name is not unique, if anything: without a name `CloudFormation` makes one up.
fn problem(resource: &Value) -> Option<String> {
    let kind = resource["Type"].as_str().unwrap_or_default();
    let Some((_, named)) = NAMES.iter().find(|(known, _)| *known == kind) else {
        return Some(format!("{kind} is not in the table of names"));
    };
    let (property, scope) = (*named)?;
    let name = resource["Properties"].get(property)?.to_string();
    let (stack, region) = (name.contains("AWS::StackName"), name.contains("AWS::Region"));
    match scope {
        Scope::Resource => None,
        Scope::Region if stack => None,
        Scope::Account if stack && region => None,
        _ => Some(format!("{property} {name} is the same in another stack or region")),
    }
}

fn problems(template: &Value) -> Vec<String> {
    let resources = template["Resources"].as_object().into_iter().flatten();
    resources.filter_map(|(name, resource)| Some(format!("{name}: {}", problem(resource)?))).collect()
}

#[test]
fn every_name_is_one_stacks_own() -> Result {
    let everything =
        ["GradualDeployment=true", "ApiLogsRole=create", "AlarmEmail=ops@example.com", "PublicUrl=https://example.com"];
    for parameters in [&[][..], &everything[..]] {
        assert_eq!(problems(&transformed(parameters)?), Vec::<String>::new());
    }
    Ok(())
}

/// The names that were wrong once, and a type that nobody looked up.
#[test]
fn a_shared_name_is_found() {
    let named =
        |kind: &str, property: &str, name: Value| serde_json::json!({ "Type": kind, "Properties": { property: name } });
    let stack = serde_json::json!({ "Fn::Sub": "crosscheck-${AWS::StackName}" });
    for wrong in [
        named("AWS::Scheduler::Schedule", "Name", "StatusSyncFunctionHourly".into()),
        named("AWS::CloudWatch::Dashboard", "DashboardName", stack.clone()),
        named("AWS::SNS::Topic", "TopicName", "crosscheck-alarms".into()),
        named("AWS::S3::Bucket", "BucketName", stack.clone()),
    ] {
        assert!(problem(&wrong).is_some(), "{wrong}");
    }
    assert_eq!(problem(&named("AWS::SNS::Topic", "TopicName", stack)), None);
}

/// What a whole account and region has once is touched only by whoever asks for it.
#[test]
fn nothing_of_the_accounts_own_is_replaced_unasked() -> Result {
    let template = transformed(&[])?;
    let resources = template["Resources"].as_object().into_iter().flatten();
    let accounts: Vec<_> = resources.filter(|(_, r)| r["Type"] == "AWS::ApiGateway::Account").collect();
    let [(_, account)] = accounts.as_slice() else { return Err("not one account setting".into()) };
    assert_eq!(account["Condition"], "CreateApiLogsRole");
    assert_eq!(template["Parameters"]["ApiLogsRole"]["Default"], "off");
    Ok(())
}
