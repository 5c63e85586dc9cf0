//! The embedded DynamoDB without a wire: what the real SDK client would send is handed over in memory.

use std::fmt;

use aws_sdk_dynamodb::config::http::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use dynoxide::Database;
use dynoxide::errors::Result;
use local::LocalStack;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::flow::Services;
use shared::store::Store;

/// The stack's services, with its own table reached without a wire.
pub(crate) fn services(stack: &LocalStack) -> Services {
    let database = stack.database.clone();
    let client = http_client_fn(move |_, _| SharedHttpConnector::new(InProcess(database.clone())));
    let config = stack.file.dynamodb().config().to_builder().http_client(client).build();
    let Services { secrets, outbound, clock, .. } = stack.worker.services.clone();
    Services::new(
        Store::new(aws_sdk_dynamodb::Client::from_conf(config), stack.file.table.clone()),
        secrets,
        outbound,
        clock,
    )
}

struct InProcess(Database);

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (status, text) = match self.answer(&request) {
            Ok(text) => (200, text),
            Err(problem) => (problem.status_code(), problem.to_json()),
        };
        let answer = StatusCode::try_from(status).map(|status| HttpResponse::new(status, text.into()));
        HttpConnectorFuture::ready(answer.map_err(|e| ConnectorError::user(e.into())))
    }
}

impl InProcess {
    /// The operations that doors use.
    fn answer(&self, request: &HttpRequest) -> Result<String> {
        let body = request.body().bytes().unwrap_or_default();
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        match target.rsplit('.').next() {
            Some("GetItem") => run(body, |r| self.0.get_item(r)),
            Some("PutItem") => run(body, |r| self.0.put_item(r)),
            Some("Query") => run(body, |r| self.0.query(r)),
            Some("TransactWriteItems") => run(body, |r| self.0.transact_write_items(r)),
            _ => Err(dynoxide::DynoxideError::ValidationException(format!("{target} is not one of a door's"))),
        }
    }
}

fn run<I: DeserializeOwned, O: Serialize>(body: &[u8], act: impl FnOnce(I) -> Result<O>) -> Result<String> {
    let wrong = |e: serde_json::Error| dynoxide::DynoxideError::SerializationException(e.to_string());
    let answer = act(serde_json::from_slice(body).map_err(wrong)?)?;
    serde_json::to_string(&answer).map_err(wrong)
}
