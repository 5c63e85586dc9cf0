//! Nothing imports what stands above it: connectors below flows, flows below doors.

use std::fs;

use tests::world::Result;

use super::{root, sources};

/// Files of a connector, and of its traits, that doors and flows alike build upon.
const BELOW_FLOWS: [&str; 8] =
    ["mod.rs", "facts.rs", "setup.rs", "call.rs", "answers.rs", "client.rs", "wire.rs", "words.rs"];

#[test]
fn flows_stand_above_the_connectors_and_below_the_doors() -> Result {
    let (mut found, shared) = (Vec::new(), root().join("shared/src"));
    sources(&shared, &mut found)?;
    for path in found {
        let (text, name) = (fs::read_to_string(&path)?, path.display());
        let part = |name: &str| path.starts_with(shared.join(name));
        let is_connector = part("ats") || part("vendor");
        if is_connector && BELOW_FLOWS.iter().any(|file| path.ends_with(file)) {
            assert!(!text.contains("crate::flow"), "{name} imports a flow");
        }
        if part("flow") {
            let door = ["crate::door", "webhook::", "vendor::callback"].iter().find(|door| text.contains(*door));
            assert_eq!(door, None, "{name} imports a door");
            // The worker, and the one door of all vendors, who may ask for what only the ATS knows.
            let may_reach = ["step.rs", "show_order.rs"].iter().any(|file| path.ends_with(file));
            assert!(may_reach || !text.contains("ats.connector()"), "{name} links every ATS into the doors");
        }
    }
    Ok(())
}
