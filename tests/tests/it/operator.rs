//! The operator's command at a deployment: what it renews, what it leaves for functions, and why it cannot read a stack.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use local::LocalStack;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::local::{Connected, options, run};
use tests::world::Result;

#[tokio::test(flavor = "multi_thread")]
async fn a_new_base_url_is_renewed_everywhere_and_everybody_concerned_is_named() -> Result {
    let Connected { data, stack, ashby: _ashby, vendor: _vendor, made } = Connected::new("readdress").await?;
    let folder = data.display().to_string();
    let local = ["--local", "--data", folder.as_str()];
    let before = stack.base_url.clone();
    drop(stack);

    // The restarted stack has another port.
    let stack = LocalStack::start(options(&data)).await?;
    let readdress = [&["connections", "readdress"], &local[..]].concat();
    let done = run(&readdress, &[]).await?;
    let id = made["connection_id"].as_str().unwrap_or_default();
    let (door, callback) =
        (format!("{}/ashby/", stack.base_url), format!("{}/callbacks/springverify/{id}", stack.base_url));
    let wanted = json!({
        "base_url": stack.base_url,
        "renewed": [{
            "connection_id": id,
            "state": "active",
            "before": before,
            "base_url": door,
            "callback_url": callback,
            "steps": [
                format!("The admin of Ashby enters the base URL {door}"),
                format!("SpringVerify enters the callback URL {callback}"),
            ],
        }],
        "publish_anew": [],
    });
    assert_eq!(done, wanted);
    let again = run(&readdress, &[]).await?;
    assert_eq!(again["renewed"], json!([]), "nothing is left to renew");
    drop(stack);
    std::fs::remove_dir_all(&data)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_stack_writes_what_functions_need_and_takes_it_away_again() -> Result {
    let data = std::env::temp_dir().join(format!("crosscheck-test-env-{}", std::process::id()));
    let folder = data.display().to_string();
    let stack = LocalStack::start(options(&data)).await?;
    let (for_sam, for_cargo) = (data.join("local.env.json"), data.join("local.env"));
    let written: Value = serde_json::from_str(&std::fs::read_to_string(&for_sam)?)?;
    let port = |url: &str| url.rsplit(':').next().unwrap_or_default().to_owned();
    let from_inside = format!("http://host.docker.internal:{}", port(&stack.file.dynamodb_url));
    assert_eq!(written["Parameters"]["AWS_ENDPOINT_URL_DYNAMODB"], from_inside);
    assert_eq!(written["Parameters"]["TABLE_NAME"], stack.file.table.as_str());
    let lines = std::fs::read_to_string(&for_cargo)?;
    assert!(lines.contains(&format!("\nAWS_ENDPOINT_URL_DYNAMODB={}\n", stack.file.dynamodb_url)), "{lines}");
    assert!(lines.contains("AWS_ACCESS_KEY_ID=local\n"), "{lines}");
    let printed = crate::local::output(&["env", "--local", "--data", &folder], &[]).await?;
    assert_eq!(serde_json::from_str::<Value>(&printed)?, written);
    assert_eq!(crate::local::output(&["env", "--local", "--data", &folder, "--dotenv"], &[]).await?, lines);
    drop(stack);
    assert!(!for_sam.exists() && !for_cargo.exists());
    std::fs::remove_dir_all(&data)?;
    Ok(())
}

/// A `CloudFormation` that refuses every call with this.
async fn refusing(code: &str, message: &str) -> Result<String> {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>");
    answering(StatusCode::BAD_REQUEST, format!("<ErrorResponse>{error}</ErrorResponse>")).await
}

/// A `CloudFormation` that answers every call with this.
async fn answering(status: StatusCode, answer: String) -> Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let app = Router::new().fallback(post(async move || (status, answer.clone())));
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(url)
}

/// What the command says of a stack, with nothing in its environment but this.
async fn why_not(environment: &[(&str, &str)]) -> Result<String> {
    let home = std::env::temp_dir().display().to_string();
    let nothing =
        [("AWS_EC2_METADATA_DISABLED", "true"), ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"), ("HOME", &*home)];
    let config = environment.iter().any(|(name, _)| *name == "AWS_CONFIG_FILE");
    let no_config = (!config).then_some(("AWS_CONFIG_FILE", "/dev/null"));
    let all: Vec<(&str, &str)> = nothing.into_iter().chain(no_config).chain(environment.iter().copied()).collect();
    let ran = crate::local::alone(&["orders", "list", "--stack", "crosscheck"], &all).await;
    Ok(ran.err().ok_or("it ran")?.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_cannot_be_read_says_why_and_what_to_do() -> Result {
    let region = ("AWS_REGION", "eu-west-1");
    let keys = [("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "secret")];
    assert!(why_not(&keys).await?.contains("no region is set; set AWS_REGION"));
    let said = why_not(&[region]).await?;
    assert!(said.contains("no AWS credentials were found; sign on with `aws login`"), "{said}");
    for (code, message, wanted) in [
        ("ValidationError", "Stack with id crosscheck does not exist", "there is no such stack in eu-west-1"),
        ("ExpiredToken", "The security token included in the request is expired", "your AWS sign-on has expired"),
        ("InvalidClientTokenId", "The security token is invalid", "AWS does not know these credentials"),
        ("AccessDenied", "not authorized", "may not call cloudformation:DescribeStacks"),
    ] {
        let url = refusing(code, message).await?;
        let said = why_not(&[region, keys[0], keys[1], ("AWS_ENDPOINT_URL", &url)]).await?;
        assert!(said.starts_with("crosscheck: cannot read the stack crosscheck: ") && said.contains(wanted), "{said}");
    }
    Ok(())
}

/// The stack's own answer, with only the output that names its version.
#[tokio::test(flavor = "multi_thread")]
async fn a_stack_of_another_version_is_pointed_out() -> Result {
    for (version, wanted) in [
        ("<member><OutputKey>Version</OutputKey><OutputValue>9.9.9</OutputValue></member>", "runs 9.9.9, and this"),
        ("", "runs a version that does not say which"),
    ] {
        let answer = format!(
            "<DescribeStacksResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><DescribeStacksResult>\
             <Stacks><member><StackName>crosscheck</StackName><StackStatus>CREATE_COMPLETE</StackStatus>\
             <CreationTime>2026-11-26T00:00:00Z</CreationTime><Outputs>{version}</Outputs></member></Stacks>\
             </DescribeStacksResult></DescribeStacksResponse>"
        );
        let url = answering(StatusCode::OK, answer).await?;
        let said = why_not(&[
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "AKIA"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_ENDPOINT_URL", &url),
        ])
        .await?;
        assert!(
            said.contains(wanted) && said.contains("Deploy the stack again or install the command again"),
            "{said}"
        );
        assert!(said.contains("has no output TableName"), "{said}");
    }
    Ok(())
}

/// A profile of `aws login` or `aws sso login` whose sign-on is over, or never was.
#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_has_to_sign_on_is_sent_to_sign_on() -> Result {
    for (name, profile) in [
        ("login", "[default]\nregion = eu-west-1\nlogin_session = arn:aws:iam::123456789012:user/ops\n"),
        (
            "sso",
            "[default]\nregion = eu-west-1\nsso_session = own\nsso_account_id = 123456789012\nsso_role_name = ops\n\
             [sso-session own]\nsso_region = eu-west-1\nsso_start_url = https://example.awsapps.com/start\n",
        ),
    ] {
        let file = std::env::temp_dir().join(format!("crosscheck-test-profile-{name}-{}", std::process::id()));
        std::fs::write(&file, profile)?;
        let said = why_not(&[("AWS_CONFIG_FILE", &*file.display().to_string())]).await?;
        std::fs::remove_file(&file)?;
        assert!(said.contains("sign on"), "{name}: {said}");
    }
    Ok(())
}
