//! The doors: each a type of its own, so that a function links the door that it serves and no other.

use async_trait::async_trait;

use crate::ats::{ashby, smartrecruiters, teamtailor};
use crate::flow::Services;
use crate::inbound::{Answer, Request};
use crate::vendor::callback;

/// One folder of `functions/`, one Lambda function.
#[async_trait]
pub trait Door: Send + Sync {
    /// The name of its folder, for logs.
    fn name(&self) -> &'static str;

    /// Answers one request.
    async fn answer(&self, services: &Services, request: Request) -> Answer;

    /// Whether it cannot start without the deployment's own secret. Every other door reads the keys of connections.
    fn needs_deployment_secret(&self) -> bool {
        false
    }
}

/// Ashby's calls.
#[derive(Debug, Clone, Copy)]
pub struct AshbyWebhook;

/// `SmartRecruiters`' calls, and the pages that its admins and applicants open.
#[derive(Debug, Clone, Copy)]
pub struct SmartRecruitersWebhook;

/// Teamtailor's calls.
#[derive(Debug, Clone, Copy)]
pub struct TeamtailorWebhook;

/// Vendors' callbacks, and report links.
#[derive(Debug, Clone, Copy)]
pub struct VendorCallback;

#[async_trait]
impl Door for AshbyWebhook {
    fn name(&self) -> &'static str {
        "ashby-webhook"
    }

    async fn answer(&self, services: &Services, request: Request) -> Answer {
        ashby::webhook::handle(services, request).await
    }
}

#[async_trait]
impl Door for SmartRecruitersWebhook {
    fn name(&self) -> &'static str {
        "smartrecruiters-webhook"
    }

    async fn answer(&self, services: &Services, request: Request) -> Answer {
        smartrecruiters::webhook::handle(services, request).await
    }
}

#[async_trait]
impl Door for TeamtailorWebhook {
    fn name(&self) -> &'static str {
        "teamtailor-webhook"
    }

    async fn answer(&self, services: &Services, request: Request) -> Answer {
        teamtailor::webhook::handle(services, request).await
    }
}

#[async_trait]
impl Door for VendorCallback {
    fn name(&self) -> &'static str {
        "vendor-callback"
    }

    async fn answer(&self, services: &Services, request: Request) -> Answer {
        callback::handle(services, request).await
    }

    fn needs_deployment_secret(&self) -> bool {
        true
    }
}
