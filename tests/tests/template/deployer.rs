//! The policy for whoever deploys has what `CloudFormation`'s own schemas say that it needs for each resource. The
//! emulator tries what the deployer calls; what `CloudFormation` calls in the deployer's name, it does not.

use std::collections::BTreeSet;

use serde_json::Value;
use tests::runtime_api::root;
use tests::sam::{permissions, transformed};
use tests::world::Result;

/// What the schemas name for properties that the template does not use: replicas, imports, files, networks, other
/// kinds of streams, code signing, reserved concurrency, data protection. And `dynamodb:DeleteTable`: the table stays.
const NOT_USED: [&str; 67] = [
    "apigateway:UpdateRestApiPolicy",
    "codedeploy:RegisterOnPremisesInstance",
    "dynamodb:AssociateTableReplica",
    "dynamodb:BatchWriteItem",
    "dynamodb:CreateTableReplica",
    "dynamodb:DeleteItem",
    "dynamodb:DeleteResourcePolicy",
    "dynamodb:DeleteTable",
    "dynamodb:DescribeImport",
    "dynamodb:DisableKinesisStreamingDestination",
    "dynamodb:EnableKinesisStreamingDestination",
    "dynamodb:GetItem",
    "dynamodb:ImportTable",
    "dynamodb:PutItem",
    "dynamodb:PutResourcePolicy",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateContributorInsights",
    "dynamodb:UpdateItem",
    "dynamodb:UpdateKinesisStreamingDestination",
    "dynamodb:UpdateTimeToLive",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "elasticfilesystem:DescribeMountTargets",
    "firehose:TagDeliveryStream",
    "iam:AttachGroupPolicy",
    "iam:AttachUserPolicy",
    "iam:CreateServiceLinkedRole",
    "iam:DetachGroupPolicy",
    "iam:DetachUserPolicy",
    "kinesis:DescribeStream",
    "kinesis:PutRecords",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:Encrypt",
    "kms:RevokeGrant",
    "lambda:AssociateRuntimeAlias",
    "lambda:DeleteFunctionCodeSigningConfig",
    "lambda:DeleteFunctionConcurrency",
    "lambda:DeleteProvisionedConcurrencyConfig",
    "lambda:GetCodeSigningConfig",
    "lambda:GetLayerVersion",
    "lambda:PassCapacityProvider",
    "lambda:PutFunctionCodeSigningConfig",
    "lambda:PutFunctionConcurrency",
    "lambda:PutFunctionScalingConfig",
    "lambda:PutProvisionedConcurrencyConfig",
    "lambda:PutRuntimeManagementConfig",
    "logs:CreateLogStream",
    "logs:DeleteDataProtectionPolicy",
    "logs:DeleteIndexPolicy",
    "logs:DeleteResourcePolicy",
    "logs:DescribeLogStreams",
    "logs:PutBearerTokenAuthentication",
    "logs:PutDataProtectionPolicy",
    "logs:PutIndexPolicy",
    "logs:PutLogEvents",
    "logs:PutLogGroupDeletionProtection",
    "s3:GetObjectMetadata",
    "s3:REST.PUT.OBJECT",
    "s3files:ListMountTargets",
    "secretsmanager:RemoveRegionsFromReplication",
    "secretsmanager:ReplicateSecretToRegions",
    "sns:PutDataProtectionPolicy",
];

fn granted() -> Result<BTreeSet<String>> {
    let policy: Value =
        serde_json::from_str(&std::fs::read_to_string(root().join("docs/deploy/deployer-policy.json"))?)?;
    let statements = policy["Statement"].as_array().into_iter().flatten();
    let actions = statements.flat_map(|s| match &s["Action"] {
        Value::Array(all) => all.clone(),
        one => vec![one.clone()],
    });
    // IAM does not tell capital letters from small ones, and the schemas spell some actions in their own way.
    Ok(actions.filter_map(|action| Some(action.as_str()?.to_lowercase())).collect())
}

#[test]
fn the_policy_grants_what_every_resource_needs() -> Result {
    let template = transformed(&["GradualDeployment=true"])?;
    let resources = template["Resources"].as_object().into_iter().flat_map(|all| all.values());
    let mut kinds: BTreeSet<&str> = resources.filter_map(|r| r["Type"].as_str()).collect();
    kinds.insert("AWS::SNS::Subscription"); // the topic's own
    let needed = permissions(&kinds.iter().copied().collect::<Vec<_>>())?;
    let needed = needed.as_object().ok_or("no permissions")?;
    let known: BTreeSet<&str> = needed.keys().map(String::as_str).collect();
    assert_eq!(known, kinds, "CloudFormation's schema of each");
    let (granted, mut missing, mut unused) = (granted()?, BTreeSet::new(), BTreeSet::from(NOT_USED));
    for action in needed.values().flat_map(|all| all.as_array().into_iter().flatten()).filter_map(Value::as_str) {
        if !granted.contains(&action.to_lowercase()) && !unused.remove(action) && !NOT_USED.contains(&action) {
            missing.insert(action);
        }
    }
    assert_eq!(missing, BTreeSet::new(), "grant them, or say here that the template does not use them");
    assert_eq!(unused, BTreeSet::new(), "no schema names these any more, or the policy grants them");
    Ok(())
}
