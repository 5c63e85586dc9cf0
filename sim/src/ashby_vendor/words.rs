//! The words Justifacts shows in Ashby, and the results that another ATS documents for it
//! (`CivicHR`). Their spelling on the wire is not published.

/// The four statuses, in the order a check goes through them. The last one comes with a link.
pub const STATUSES: [&str; 4] = ["justifacts received", "applicant started", "in process justifacts", "complete"];

/// The three results: passed, more checks required, does not pass.
pub const RESULTS: [&str; 3] = ["Clear", "Review", "Adverse"];
