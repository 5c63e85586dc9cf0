//! What one Checkr account holds: candidates, invitations, reports and their documents.

use super::super::SimError;
use super::hooks::Hooks;
use super::refusal::{ErrorShape, Refused};
use super::request::{is_abroad, text};
use super::{clock, object_id, show};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Seven days, as Checkr sets it if nobody says otherwise.
const INVITATION_S: i64 = 7 * 24 * 3600;

/// Thirty days.
const MONTH_S: i64 = 30 * 24 * 3600;

/// Candidates with one e-mail that may be created within a day. What makes two candidates
/// duplicates is not published; the e-mail is what both have.
const SAME_CANDIDATE: usize = 2;

/// One orderable package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// What an order names.
    pub slug: String,
    /// What a person reads.
    pub name: String,
    /// Price in US cents.
    pub price_cents: u32,
    /// The types of its screenings.
    pub screenings: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) id: String,
    pub(super) created_at: String,
    pub(super) given: Map<String, Value>,
    pub(super) report_ids: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Invitation {
    pub(super) id: String,
    pub(super) candidate_id: String,
    pub(super) package: String,
    /// `pending`, `completed` or `expired`: a cancelled one keeps its status and gets `deleted_at`.
    pub(super) status: String,
    pub(super) given: Map<String, Value>,
    pub(super) created_at: String,
    pub(super) expires_at: String,
    pub(super) completed_at: Option<String>,
    pub(super) deleted_at: Option<String>,
    pub(super) report_id: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Report {
    pub(super) id: String,
    pub(super) candidate_id: String,
    pub(super) package: String,
    /// `form` for a report that an invitation led to.
    pub(super) source: String,
    pub(super) status: String,
    pub(super) result: Option<String>,
    pub(super) adjudication: Option<String>,
    /// What Checkr's Assess says of a finished report.
    pub(super) assessment: Option<String>,
    /// Whether searches were cancelled that were not finished.
    pub(super) includes_canceled: bool,
    pub(super) created_at: String,
    pub(super) completed_at: Option<String>,
    pub(super) revised_at: Option<String>,
    pub(super) upgraded_at: Option<String>,
    pub(super) document_id: Option<String>,
    /// Whether any screening is done: a report is canceled only if none is.
    pub(super) screened: bool,
    pub(super) given: Map<String, Value>,
}

#[derive(Debug)]
pub(super) struct Account {
    /// Without a path.
    pub(super) origin: String,
    pub(super) api_key: String,
    /// A partner application signs with its client secret instead of the API key.
    pub(super) signing_key: Option<String>,
    pub(super) error_shape: ErrorShape,
    pub(super) nodes: Vec<String>,
    pub(super) packages: Vec<Package>,
    pub(super) candidates: Vec<Candidate>,
    pub(super) invitations: Vec<Invitation>,
    pub(super) reports: Vec<Report>,
    pub(super) creates: usize,
    pub(super) violations: Vec<String>,
    pub(super) hooks: Hooks,
    /// Signature of a download link, and the report while it has not expired.
    links: HashMap<String, Option<String>>,
}

impl Account {
    pub(super) fn new() -> Self {
        let package = |slug: &str, name: &str, price_cents| Package {
            slug: slug.into(),
            name: name.into(),
            price_cents,
            screenings: vec!["ssn_trace".into(), "national_criminal_search".into()],
        };
        Self {
            origin: String::new(),
            api_key: object_id(),
            signing_key: None,
            error_shape: ErrorShape::default(),
            nodes: Vec::new(),
            packages: vec![
                package("tasker_standard", "Tasker Standard", 3500),
                package("driver_pro", "Driver Pro", 6500),
            ],
            candidates: Vec::new(),
            invitations: Vec::new(),
            reports: Vec::new(),
            creates: 0,
            violations: Vec::new(),
            hooks: Hooks::new(),
            links: HashMap::new(),
        }
    }

    pub(super) fn add_candidate(&mut self, given: &Map<String, Value>) -> Result<Value, Refused> {
        let email = |map| text(map, "email").to_ascii_lowercase();
        let same = self.candidates.iter().filter(|one| email(&one.given) == email(given)).count();
        if same >= SAME_CANDIDATE {
            let message = "Duplicate candidate detected. No more than 2 duplicate candidates can be created \
                           within a 24 hour period";
            return Err(Refused::new(409, message));
        }
        let mut given = given.clone();
        if let Some(ssn) = given.get_mut("ssn") {
            let last = ssn.as_str().unwrap_or_default().chars().rev().take(4).collect::<Vec<_>>();
            *ssn = format!("XXX-XX-{}", last.iter().rev().collect::<String>()).into();
        }
        let candidate = Candidate { id: object_id(), created_at: clock::now(), given, report_ids: Vec::new() };
        let shown = show::candidate(&candidate);
        self.candidates.push(candidate);
        self.hooks.make("candidate.created", &shown);
        Ok(shown)
    }

    pub(super) fn add_invitation(&mut self, given: &Map<String, Value>) -> Result<Value, Refused> {
        let (candidate_id, package) = (text(given, "candidate_id"), text(given, "package"));
        let candidate = self.candidate(candidate_id).ok_or_else(|| Refused::new(400, "Candidate not found"))?;
        if is_abroad(given) && !is_abroad(&candidate.given) {
            return Err(Refused::new(400, "Candidate work_locations is required"));
        }
        if !self.packages.iter().any(|one| one.slug == package) {
            return Err(Refused::new(400, "Package not found"));
        }
        let invitation = Invitation {
            id: object_id(),
            candidate_id: candidate_id.into(),
            package: package.into(),
            status: "pending".into(),
            given: given.clone(),
            created_at: clock::now(),
            expires_at: clock::after_s(INVITATION_S),
            completed_at: None,
            deleted_at: None,
            report_id: None,
        };
        let shown = show::invitation(&invitation);
        self.invitations.push(invitation);
        self.hooks.make("invitation.created", &shown);
        Ok(shown)
    }

    pub(super) fn candidate(&self, id: &str) -> Option<&Candidate> {
        self.candidates.iter().find(|one| one.id == id)
    }

    pub(super) fn invitation(&self, id: &str) -> Option<&Invitation> {
        self.invitations.iter().find(|one| one.id == id)
    }

    pub(super) fn report(&self, id: &str) -> Option<&Report> {
        self.reports.iter().find(|one| one.id == id)
    }

    /// Changes a pending invitation and tells of it.
    pub(super) fn change_invitation(
        &mut self,
        id: &str,
        event: &str,
        change: impl FnOnce(&mut Invitation),
    ) -> Result<Value, SimError> {
        let pending = |one: &&mut Invitation| one.id == id && one.status == "pending" && one.deleted_at.is_none();
        let invitation = self.invitations.iter_mut().find(pending);
        let invitation = invitation.ok_or_else(|| SimError::unknown("pending invitation", id))?;
        change(invitation);
        let shown = show::invitation(invitation);
        self.hooks.make(event, &shown);
        Ok(shown)
    }

    /// The candidate hands in the form: the invitation is completed and a report is created.
    pub(super) fn complete_invitation(&mut self, id: &str) -> Result<String, SimError> {
        let report_id = object_id();
        self.change_invitation(id, "invitation.completed", |invitation| {
            invitation.status = "completed".into();
            invitation.completed_at = Some(clock::now());
            invitation.report_id = Some(report_id.clone());
        })?;
        let invitation = self.invitation(id).ok_or_else(|| SimError::unknown("invitation", id))?;
        let report = Report {
            id: report_id.clone(),
            candidate_id: invitation.candidate_id.clone(),
            package: invitation.package.clone(),
            source: "form".into(),
            status: "pending".into(),
            result: None,
            adjudication: None,
            assessment: None,
            includes_canceled: false,
            created_at: clock::now(),
            completed_at: None,
            revised_at: None,
            upgraded_at: None,
            document_id: None,
            screened: false,
            given: invitation.given.clone(),
        };
        self.add_report(report);
        Ok(report_id)
    }

    fn add_report(&mut self, report: Report) {
        if let Some(candidate) = self.candidates.iter_mut().find(|one| one.id == report.candidate_id) {
            candidate.report_ids.push(report.id.clone());
        }
        let shown = show::report(&report);
        self.reports.push(report);
        self.hooks.make("report.created", &shown);
    }

    /// Puts another report like this one on its candidate, a month later. No invitation led to it.
    pub(super) fn add_report_like(&mut self, id: &str, source: &str) -> Result<String, SimError> {
        let like = self.report(id).ok_or_else(|| SimError::unknown("report", id))?.clone();
        let report = Report { id: object_id(), source: source.into(), created_at: clock::after_s(MONTH_S), ..like };
        let id = report.id.clone();
        self.add_report(report);
        Ok(id)
    }

    /// Changes a report and tells of it.
    pub(super) fn change_report(
        &mut self,
        id: &str,
        event: &str,
        change: impl FnOnce(&mut Report),
    ) -> Result<Value, SimError> {
        let report = self.reports.iter_mut().find(|one| one.id == id);
        let report = report.ok_or_else(|| SimError::unknown("report", id))?;
        change(report);
        let shown = show::report(report);
        self.hooks.make(event, &shown);
        Ok(shown)
    }

    /// Makes a new download link for a report's PDF.
    pub(super) fn link(&mut self, report_id: &str) -> String {
        let signature = object_id();
        let link = format!("{}/download/{report_id}.pdf?signature={signature}", self.origin);
        self.links.insert(signature, Some(report_id.into()));
        link
    }

    /// The report that a live download link is about.
    pub(super) fn linked(&self, signature: &str) -> Option<&str> {
        self.links.get(signature).and_then(Option::as_deref)
    }

    pub(super) fn expire_links(&mut self) {
        self.links.values_mut().for_each(|link| *link = None);
    }

    pub(super) fn violation(&mut self, operation: &str, problem: impl std::fmt::Display) {
        self.violations.push(format!("{operation}: {problem}"));
    }
}

impl Candidate {
    /// Lists leave out whoever works outside the US.
    pub(super) fn is_listed(&self) -> bool {
        !is_abroad(&self.given)
    }
}

impl Invitation {
    /// Lists leave out whoever works outside the US, and what was cancelled.
    pub(super) fn is_listed(&self) -> bool {
        !is_abroad(&self.given) && self.deleted_at.is_none()
    }
}

impl Report {
    /// Sets a status as Checkr's own staff or the passing of time would.
    pub(super) fn becomes(&mut self, status: &str, result: Option<&str>) {
        let again = self.completed_at.is_some();
        self.status = status.into();
        self.result = result.map(str::to_owned);
        if status == "complete" {
            let now = clock::now();
            self.revised_at = again.then(|| now.clone()).or(self.revised_at.take());
            self.completed_at.get_or_insert(now);
            self.document_id.get_or_insert_with(object_id);
            self.screened = true;
        }
    }
}
