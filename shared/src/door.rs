//! The doors by name, for Lambda (one each) and for the local stack (all of them behind one address).

use crate::ats::{ashby, smartrecruiters, teamtailor};
use crate::flow::Services;
use crate::inbound::{Answer, Request, segments};
use crate::vendor::callback;

/// A door: one folder of `functions/`, one Lambda function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Ashby's calls.
    AshbyWebhook,
    /// `SmartRecruiters`' calls, and the pages that its admins and applicants open.
    SmartRecruitersWebhook,
    /// Teamtailor's calls.
    TeamtailorWebhook,
    /// Vendors' callbacks, and report links.
    VendorCallback,
}

impl Door {
    /// The door that a path leads to, as the template's routes have it.
    pub fn of_path(path: &str) -> Option<Self> {
        segments(path).into_iter().find_map(|part| match part {
            "ashby" => Some(Self::AshbyWebhook),
            "smartrecruiters" => Some(Self::SmartRecruitersWebhook),
            "teamtailor" => Some(Self::TeamtailorWebhook),
            "callbacks" | "reports" => Some(Self::VendorCallback),
            _ => None,
        })
    }

    /// Answers one request.
    pub async fn answer(self, services: &Services, request: Request) -> Answer {
        match self {
            Self::AshbyWebhook => ashby::webhook::handle(services, request).await,
            Self::SmartRecruitersWebhook => smartrecruiters::webhook::handle(services, request).await,
            Self::TeamtailorWebhook => teamtailor::webhook::handle(services, request).await,
            Self::VendorCallback => callback::handle(services, request).await,
        }
    }
}
