//! Who and what an Ashby organisation holds: candidates, jobs and applications, and how its API
//! describes them.

use super::super::SimError;
use super::new_id;
use serde_json::{Value, json};

/// A candidate and the application that came with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applicant {
    /// The candidate's id.
    pub candidate_id: String,
    /// The id of their application for a job.
    pub application_id: String,
}

#[derive(Clone, Debug)]
struct Candidate {
    id: String,
    first_name: String,
    last_name: String,
    email: String,
    phone: Option<String>,
}

#[derive(Clone, Debug)]
struct Job {
    id: String,
    name: String,
}

#[derive(Clone, Debug)]
struct Application {
    id: String,
    candidate_id: String,
    job_id: String,
    status: String,
}

#[derive(Debug, Default)]
pub(super) struct People {
    candidates: Vec<Candidate>,
    jobs: Vec<Job>,
    applications: Vec<Application>,
}

impl People {
    pub(super) fn add_candidate(&mut self, name: (&str, &str), email: &str, phone: Option<&str>) -> String {
        let id = new_id();
        self.candidates.push(Candidate {
            id: id.clone(),
            first_name: name.0.into(),
            last_name: name.1.into(),
            email: email.into(),
            phone: phone.map(str::to_owned),
        });
        id
    }

    pub(super) fn add_job(&mut self, name: &str) -> String {
        let id = new_id();
        self.jobs.push(Job { id: id.clone(), name: name.into() });
        id
    }

    pub(super) fn first_job(&mut self) -> String {
        let first = self.jobs.first().map(|job| job.id.clone());
        first.unwrap_or_else(|| self.add_job("Backend Engineer"))
    }

    pub(super) fn apply(&mut self, candidate_id: &str, job_id: &str) -> Result<String, SimError> {
        self.candidate(candidate_id).ok_or_else(|| SimError::unknown("candidate", candidate_id))?;
        self.job(job_id).ok_or_else(|| SimError::unknown("job", job_id))?;
        let id = new_id();
        self.applications.push(Application {
            id: id.clone(),
            candidate_id: candidate_id.into(),
            job_id: job_id.into(),
            status: "Active".into(),
        });
        Ok(id)
    }

    pub(super) fn set_phone(&mut self, candidate_id: &str, phone: Option<&str>) -> Result<(), SimError> {
        let candidate = self.candidates.iter_mut().find(|one| one.id == candidate_id);
        let candidate = candidate.ok_or_else(|| SimError::unknown("candidate", candidate_id))?;
        candidate.phone = phone.map(str::to_owned);
        Ok(())
    }

    /// The body of `assessment.start`, as full as the schema allows.
    pub(super) fn start_body(&self, application_id: &str) -> Option<Value> {
        let application = self.application(application_id)?;
        let candidate = self.candidate(&application.candidate_id)?;
        let job = self.job(&application.job_id)?;
        Some(json!({
            "candidate": {
                "ashby_id": candidate.id, "first_name": candidate.first_name,
                "last_name": candidate.last_name, "email": candidate.email,
                "ashby_profile_url": profile_url(&candidate.id),
            },
            "application": {"ashby_id": application.id, "status": application.status},
            "job": {
                "ashby_id": job.id, "name": job.name, "req_id": "REQ-1",
                "ashby_job_url": format!("https://app.ashbyhq.com/jobs/{}", job.id),
                "hiringTeam": hiring_team(),
            },
        }))
    }

    /// The result of `candidate.info`.
    pub(super) fn candidate_info(&self, id: &str) -> Option<Value> {
        let candidate = self.candidate(id)?;
        let applications = self.applications.iter().filter(|one| one.candidate_id == id);
        let mut info = contact(candidate);
        let more = json!({
            "socialLinks": [], "position": null, "company": null, "school": null,
            "applicationIds": applications.map(|one| one.id.as_str()).collect::<Vec<_>>(),
            "fileHandles": [], "customFields": [], "profileUrl": profile_url(id),
        });
        merge(&mut info, more);
        Some(info)
    }

    /// The result of `application.info`, without what it adds on request.
    pub(super) fn application_info(&self, id: &str) -> Option<Value> {
        let application = self.application(id)?;
        let candidate = self.candidate(&application.candidate_id)?;
        let job = self.job(&application.job_id)?;
        Some(json!({
            "id": application.id, "status": application.status, "candidate": contact(candidate),
            "currentInterviewStage": {"id": job.id, "title": "Offer", "type": "Offer"},
            "job": {"id": job.id, "title": job.name, "locationId": null, "departmentId": null},
            "hiringTeam": hiring_team(), "customFields": [],
        }))
    }

    fn candidate(&self, id: &str) -> Option<&Candidate> {
        self.candidates.iter().find(|one| one.id == id)
    }

    fn job(&self, id: &str) -> Option<&Job> {
        self.jobs.iter().find(|one| one.id == id)
    }

    fn application(&self, id: &str) -> Option<&Application> {
        self.applications.iter().find(|one| one.id == id)
    }
}

/// Unlike `assessment.start`, the reads have one name and a list of addresses and numbers; a
/// candidate without a number has no `primaryPhoneNumber` at all.
fn contact(candidate: &Candidate) -> Value {
    let address = |value: &str| json!({"value": value, "type": "Personal", "isPrimary": true});
    let email = address(&candidate.email);
    let mut contact = json!({
        "id": candidate.id, "name": format!("{} {}", candidate.first_name, candidate.last_name),
        "primaryEmailAddress": email, "emailAddresses": [email], "phoneNumbers": [],
    });
    if let Some(phone) = &candidate.phone {
        let phone = address(phone);
        merge(&mut contact, json!({"primaryPhoneNumber": phone, "phoneNumbers": [phone]}));
    }
    contact
}

fn merge(into: &mut Value, more: Value) {
    if let (Some(into), Value::Object(more)) = (into.as_object_mut(), more) {
        into.extend(more);
    }
}

fn profile_url(candidate_id: &str) -> String {
    format!("https://app.ashbyhq.com/candidates/{candidate_id}")
}

fn hiring_team() -> Value {
    json!([{"userId": "0190a2b0-0000-7000-8000-000000000001", "firstName": "Ravi",
        "lastName": "Recruiter", "email": "ravi@employer.example", "role": "Recruiter"}])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_carries_no_phone_and_a_read_carries_it_once_there_is_one() {
        let mut people = People::default();
        let id = people.add_candidate(("Asha", "Rao"), "asha@example.com", None);
        let job = people.first_job();
        let application = people.apply(&id, &job).unwrap();
        let start = people.start_body(&application).unwrap();
        assert!(start["candidate"].get("phone").is_none());
        assert!(people.candidate_info(&id).unwrap().get("primaryPhoneNumber").is_none());
        people.set_phone(&id, Some("9876543210")).unwrap();
        let info = people.candidate_info(&id).unwrap();
        assert_eq!(info["primaryPhoneNumber"]["value"], "9876543210");
        assert_eq!(info["name"], "Asha Rao");
        assert_eq!(info["applicationIds"], json!([application]));
    }

    #[test]
    fn nobody_unknown_applies() {
        let mut people = People::default();
        let job = people.first_job();
        assert_eq!(people.apply("x", &job), Err(SimError::unknown("candidate", "x")));
    }
}
