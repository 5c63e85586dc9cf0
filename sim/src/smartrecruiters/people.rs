//! Candidates and jobs, as the Candidate API and the Job API give them.
//!
//! The fields are those of `CandidateDetails` and `JobDetails` in SmartRecruiters' published
//! specification. Left out are `actions`, assignments and whatever this bridge can have no use for.

use super::super::{SimError, new_id};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// When everything here was entered.
const CREATED_ON: &str = "2026-01-05T09:00:00.000Z";

/// A job and where it is: what the query of the package list tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its title.
    pub title: String,
    /// Two letters, such as `in`.
    pub country_code: String,
    /// The region's abbreviation.
    pub region_code: String,
    /// The city.
    pub city: String,
    /// Street and number.
    pub address: String,
    /// The postal code.
    pub postal_code: String,
    /// Whether it is done from anywhere.
    pub remote: bool,
}

impl Job {
    /// A job in Bengaluru.
    #[must_use]
    pub fn titled(title: &str) -> Self {
        Self {
            title: title.into(),
            country_code: "in".into(),
            region_code: "KA".into(),
            city: "Bengaluru".into(),
            address: "12 Residency Road".into(),
            postal_code: "560025".into(),
            remote: false,
        }
    }

    /// The query parameters of the package list.
    pub(super) fn query(&self) -> Vec<(String, String)> {
        let remote = self.remote.to_string();
        let pairs = [
            ("country-code", &self.country_code),
            ("region-abbr", &self.region_code),
            ("city", &self.city),
            ("address", &self.address),
            ("postal-code", &self.postal_code),
            ("remote", &remote),
        ];
        let given = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        given.map(|(name, value)| (name.to_owned(), value.clone())).collect()
    }
}

#[derive(Clone, Debug)]
struct Candidate {
    first_name: String,
    last_name: String,
    email: String,
    phone: Option<String>,
    job_id: String,
    /// The companies that ordered for this candidate: once there are any, the others see nothing.
    companies: BTreeSet<String>,
}

#[derive(Clone, Debug)]
pub(super) struct People {
    candidates: BTreeMap<String, Candidate>,
    jobs: BTreeMap<String, Job>,
    last_job: String,
}

/// What a company finds under an id.
pub(super) enum Found {
    Here(Value),
    Nobody,
    /// There is such a candidate, but other companies' alone.
    Elsewhere,
}

impl People {
    pub(super) fn new() -> Self {
        let mut people = Self { candidates: BTreeMap::new(), jobs: BTreeMap::new(), last_job: String::new() };
        people.add_job(Job::titled("Backend Engineer"));
        people
    }

    pub(super) fn add_job(&mut self, job: Job) -> String {
        self.last_job = new_id();
        self.jobs.insert(self.last_job.clone(), job);
        self.last_job.clone()
    }

    /// Adds somebody who applied for the job that was added last.
    pub(super) fn add_candidate(&mut self, name: (&str, &str), email: &str, phone: Option<&str>) -> String {
        let id = new_id();
        let candidate = Candidate {
            first_name: name.0.into(),
            last_name: name.1.into(),
            email: email.into(),
            phone: phone.map(str::to_owned),
            job_id: self.last_job.clone(),
            companies: BTreeSet::new(),
        };
        self.candidates.insert(id.clone(), candidate);
        id
    }

    pub(super) fn set_phone(&mut self, id: &str, phone: Option<&str>) -> Result<(), SimError> {
        let candidate = self.candidates.get_mut(id).ok_or_else(|| SimError::unknown("candidate", id))?;
        candidate.phone = phone.map(str::to_owned);
        Ok(())
    }

    pub(super) fn set_email(&mut self, id: &str, email: &str) -> Result<(), SimError> {
        let candidate = self.candidates.get_mut(id).ok_or_else(|| SimError::unknown("candidate", id))?;
        email.clone_into(&mut candidate.email);
        Ok(())
    }

    /// The job that was added last, with its id.
    pub(super) fn last_job(&self) -> (String, Job) {
        let job = self.jobs.get(&self.last_job).cloned();
        (self.last_job.clone(), job.unwrap_or_else(|| Job::titled("")))
    }

    /// The `candidate` and the job id of an order; from here on the candidate is the company's.
    pub(super) fn order_for(&mut self, id: &str, company: &str) -> Result<(Value, String), SimError> {
        let candidate = self.candidates.get_mut(id).ok_or_else(|| SimError::unknown("candidate", id))?;
        candidate.companies.insert(company.to_owned());
        let (first, last, email) = (&candidate.first_name, &candidate.last_name, &candidate.email);
        let body = json!({"id": id, "email": email, "firstName": first, "lastName": last, "applicationLanguage": "en"});
        Ok((body, candidate.job_id.clone()))
    }

    /// `GET /candidates/{id}`: `phoneNumber` is there only if somebody entered one.
    pub(super) fn candidate(&self, id: &str, company: &str) -> Found {
        let Some(one) = self.candidates.get(id) else { return Found::Nobody };
        if !one.companies.is_empty() && !one.companies.contains(company) {
            return Found::Elsewhere;
        }
        let mut body = json!({"id": id, "internal": false, "firstName": one.first_name, "lastName": one.last_name,
            "email": one.email, "location": {"country": "India", "countryCode": "in", "regionCode": "KA",
            "region": "Karnataka", "city": "Bengaluru"}, "web": {}, "createdOn": CREATED_ON,
            "updatedOn": CREATED_ON, "tags": [], "education": [], "experience": []});
        if let (Some(phone), Some(body)) = (&one.phone, body.as_object_mut()) {
            body.insert("phoneNumber".into(), phone.clone().into());
        }
        Found::Here(body)
    }

    /// `GET /jobs/{id}`.
    pub(super) fn job(&self, id: &str) -> Found {
        let Some(job) = self.jobs.get(id) else { return Found::Nobody };
        Found::Here(json!({"id": id, "title": job.title, "refNumber": "REF1A", "createdOn": CREATED_ON,
            "updatedOn": CREATED_ON, "status": "SOURCING", "postingStatus": "PUBLIC",
            "department": {"id": "10", "label": "Engineering"},
            "location": {"countryCode": job.country_code, "regionCode": job.region_code, "city": job.city,
            "address": job.address, "postalCode": job.postal_code, "remote": job.remote}}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_candidate_is_anybodys_until_a_company_orders_for_them() {
        let mut people = People::new();
        let id = people.add_candidate(("Asha", "Rao"), "a@b.in", None);
        assert!(matches!(people.candidate(&id, "other"), Found::Here(body) if body.get("phoneNumber").is_none()));
        people.order_for(&id, "acme").unwrap();
        people.set_phone(&id, Some("9876543210")).unwrap();
        assert!(matches!(people.candidate(&id, "acme"), Found::Here(body) if body["phoneNumber"] == "9876543210"));
        assert!(matches!(people.candidate(&id, "other"), Found::Elsewhere));
        assert!(matches!(people.candidate("nobody", "acme"), Found::Nobody));
    }

    #[test]
    fn the_query_of_a_package_list_leaves_out_what_is_empty() {
        let query = Job { address: String::new(), ..Job::titled("Engineer") }.query();
        assert!(query.contains(&("region-abbr".into(), "KA".into())));
        assert!(query.contains(&("remote".into(), "false".into())));
        assert!(!query.iter().any(|(name, _)| name == "address"));
    }
}
