//! Rules by which a stage of the hiring process orders a check, for ATSs that tell of stages and start nothing themselves.

/// One rule: whoever enters this stage is checked with this package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The stage, by its id or its name in the ATS.
    pub stage: String,
    /// The only job that it counts for, by id or name; `None` for every job.
    pub job: Option<String>,
    /// The vendor's id of the package.
    pub package: String,
}

/// Something that an ATS names twice: by an id and by what people read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Named<'a> {
    /// The id.
    pub id: Option<&'a str>,
    /// The name.
    pub name: Option<&'a str>,
}

impl Named<'_> {
    fn is(self, meant: &str) -> bool {
        let same = |known: &str| known.trim().to_lowercase() == meant.trim().to_lowercase();
        [self.id, self.name].into_iter().flatten().any(same)
    }
}

impl Rule {
    /// Whether it counts for somebody who entered this stage of this job.
    pub fn fits(&self, stage: Named<'_>, job: Named<'_>) -> bool {
        stage.is(&self.stage) && self.job.as_ref().is_none_or(|meant| job.is(meant))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_fits_by_id_or_name_of_its_stage_and_of_its_job() {
        let (offer, sales) = (Named { id: Some("s-1"), name: Some("Offer") }, Named { id: Some("j-1"), name: None });
        let rule = |stage: &str, job: Option<&str>| Rule {
            stage: stage.to_owned(),
            job: job.map(str::to_owned),
            package: "p".to_owned(),
        };
        for (stage, job, fits) in [
            ("Offer", None, true),
            (" offer ", None, true),
            ("S-1", Some("j-1"), true),
            ("Offer", Some("j-2"), false),
            ("Offer made", None, false),
            ("", None, false),
        ] {
            assert_eq!(rule(stage, job).fits(offer, sales), fits, "{stage:?} {job:?}");
        }
        assert!(!rule("Offer", Some("j-1")).fits(offer, Named::default()), "nothing is known of the job");
    }
}
