//! template.yaml after SAM's transform: what `CloudFormation` gets, and what nobody wrote down.

#![expect(clippy::indexing_slicing, reason = "a test stops where something is not as it should be")]

mod deployer;
mod names;

use std::collections::BTreeSet;

use serde_json::Value;
use tests::sam::transformed;
use tests::world::Result;

/// The resources of this type, by name.
fn of_type<'a>(template: &'a Value, wanted: &str) -> Vec<(&'a str, &'a Value)> {
    let all = template["Resources"].as_object().into_iter().flatten();
    all.filter(|(_, r)| r["Type"] == wanted).map(|(name, r)| (name.as_str(), &r["Properties"])).collect()
}

/// The parameters that a value of the template depends on, by itself or by a condition.
fn parameters(template: &Value, value: &Value, found: &mut BTreeSet<String>) {
    let declared = |name: &str| template["Parameters"].get(name).is_some();
    match value {
        Value::String(text) => {
            // Fn::Sub, and Fn::If's first part; a name of neither is nothing's.
            found.extend(
                text.split("${")
                    .skip(1)
                    .filter_map(|rest| rest.split('}').next())
                    .filter(|n| declared(n))
                    .map(str::to_owned),
            );
        }
        Value::Array(items) => items.iter().for_each(|item| parameters(template, item, found)),
        Value::Object(fields) => {
            for (key, below) in fields {
                match (key.as_str(), below.as_str()) {
                    ("Ref", Some(name)) if declared(name) => drop(found.insert(name.to_owned())),
                    ("Fn::If", _) => {
                        let condition = below[0].as_str().unwrap_or_default();
                        parameters(template, &template["Conditions"][condition], found);
                        parameters(template, below, found);
                    }
                    _ => parameters(template, below, found),
                }
            }
        }
        _ => {}
    }
}

/// A changed parameter changes the function, but no name of SAM's. What makes a version of it is the description.
#[test]
fn a_function_that_depends_on_a_parameter_has_a_new_version_with_it() -> Result {
    let template = transformed(&[])?;
    let mut seen = BTreeSet::new();
    for (name, version) in of_type(&template, "AWS::Lambda::Version") {
        let function = version["FunctionName"]["Ref"].as_str().ok_or("no function")?;
        let (mut settings, mut described) = (BTreeSet::new(), BTreeSet::new());
        parameters(&template, &template["Resources"][function]["Properties"], &mut settings);
        parameters(&template, &version["Description"], &mut described);
        // More would be as wrong: CloudFormation fails where the description changes and the function does not.
        assert_eq!(described, settings, "{name}");
        seen.extend(settings);
    }
    let all = [
        "AllowLoopbackUrls",
        "Architecture",
        "CandidateRetentionDays",
        "LogLevel",
        "PublicUrl",
        "ReportLinkDays",
        "StageName",
    ];
    assert_eq!(seen, all.map(str::to_owned).into());
    Ok(())
}

#[test]
fn whoever_calls_a_function_calls_its_alias() -> Result {
    let template = transformed(&[])?;
    let to_an_alias = |value: &Value| value["Ref"].as_str().is_some_and(|name| name.ends_with("Aliaslive"));
    for kind in ["AWS::Lambda::EventSourceMapping", "AWS::Lambda::Permission"] {
        let found = of_type(&template, kind);
        assert!(!found.is_empty());
        for (name, properties) in found {
            assert!(to_an_alias(&properties["FunctionName"]), "{name}");
        }
    }
    let schedules = of_type(&template, "AWS::Scheduler::Schedule");
    let [(_, schedule)] = schedules.as_slice() else { return Err("not one schedule".into()) };
    assert!(to_an_alias(&schedule["Target"]["Arn"]), "{schedule}");
    let api = of_type(&template, "AWS::ApiGateway::RestApi")[0].1["Body"]["paths"].to_string();
    assert_eq!(api.matches("Function.Arn}/invocations").count(), 0);
    assert!(api.contains("FunctionAliaslive}/invocations"));
    Ok(())
}

#[test]
fn a_gradual_deployment_stops_at_an_alarm_and_is_off_unless_it_is_asked_for() -> Result {
    let template = transformed(&[])?;
    assert!(of_type(&template, "AWS::CodeDeploy::DeploymentGroup").is_empty());
    let template = transformed(&["GradualDeployment=true"])?;
    let groups = of_type(&template, "AWS::CodeDeploy::DeploymentGroup");
    assert_eq!(groups.len(), 6);
    for (name, group) in groups {
        let alarms = group["AlarmConfiguration"]["Alarms"].to_string();
        assert!(alarms.contains("ApiErrorsAlarm") && alarms.contains("OrderWorkerErrorsAlarm"), "{name}: {alarms}");
        assert!(group["ServiceRoleArn"].to_string().contains("DeploymentRole"), "{name}");
    }
    assert!(template["Resources"].get("CodeDeployServiceRole").is_none(), "a role without the boundary");
    Ok(())
}

#[test]
fn every_role_takes_the_permissions_boundary() -> Result {
    for parameters in [&[][..], &["GradualDeployment=true"][..]] {
        let template = transformed(parameters)?;
        for (name, role) in of_type(&template, "AWS::IAM::Role") {
            assert!(role["PermissionsBoundary"].to_string().contains("PermissionsBoundaryArn"), "{name}");
        }
    }
    Ok(())
}

#[test]
fn every_alarm_tells_both_the_given_topic_and_the_stacks_own() -> Result {
    let template = transformed(&[])?;
    let alarms = of_type(&template, "AWS::CloudWatch::Alarm");
    assert!(alarms.len() > 10);
    for (name, alarm) in alarms {
        for actions in ["AlarmActions", "OKActions"] {
            let told = alarm[actions].to_string();
            assert!(told.contains("AlarmTopicArn") && told.contains("\"AlarmTopic\""), "{name}: {told}");
        }
    }
    Ok(())
}

/// SAM passes on only what a function declares, and a function in AWS shall not have these.
#[test]
fn addresses_of_stand_ins_are_declared_and_not_set() -> Result {
    let template = transformed(&[])?;
    for (name, function) in of_type(&template, "AWS::Lambda::Function") {
        for service in ["DYNAMODB", "SECRETS_MANAGER", "SQS"] {
            let value = &function["Environment"]["Variables"][format!("AWS_ENDPOINT_URL_{service}")];
            assert_eq!(value["Fn::If"][0], "OnEmulator", "{name}");
            assert_eq!(value["Fn::If"][2]["Ref"], "AWS::NoValue", "{name}");
        }
    }
    Ok(())
}
