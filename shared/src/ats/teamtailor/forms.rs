//! The forms that Teamtailor shows: what the admin fills in once, and what a recruiter picks from.

use serde_json::{Value, json};

use crate::connection::Catalogue;

/// The criterion that customers build their rules on. Rules store this id and those of its outcomes for good.
pub(super) const CRITERION: &str = "report_decision";

/// The outcome of a reopened check. An update changes only what it names, so without this outcome the result before
/// would stay, and could move a candidate again who was moved back.
pub(super) const REOPENED: &str = "reopened";

/// The form that an admin fills in to activate the partner.
pub(super) fn activation() -> Value {
    let info = "Your Crosscheck administrator gives you this token. It connects this Teamtailor account to one \
                account at the background-check vendor.";
    json!({ "config": {
        "fields": [
            { "type": "infobox", "content": info, "icon": "info" },
            {
                "id": "externalTriggerToken",
                "type": "password",
                "label": "External Trigger Token",
                "required": true,
                "description": "It begins with xck_",
            },
        ],
        "validateEndpoint": "activation/validate",
    } })
}

/// The pop-up: one list of packages.
pub(super) fn config(catalogue: &Catalogue, vendor: &str) -> Value {
    let options: Vec<Value> =
        catalogue.packages.iter().map(|package| json!({ "id": package.id, "label": package.name })).collect();
    with_criteria(&json!([{
        "id": "package",
        "type": "select",
        "label": "Package",
        "required": true,
        "description": format!("What {vendor} is to check."),
        "options": options,
    }]))
}

/// The pop-up when nothing can be ordered: a message in red. For an error status Teamtailor would only show "unable to
/// fetch".
pub(super) fn unable(words: &str) -> Value {
    with_criteria(&json!([{ "type": "error", "message": words, "required": "true" }]))
}

fn with_criteria(fields: &Value) -> Value {
    json!({ "config": {
        "fields": fields,
        "moving_criteria": [{
            "id": CRITERION,
            "name": "Background check result",
            "kind": "outcome",
            "outcomes": [
                { "id": "clear", "label": "Clear", "hint": "Nothing adverse was found" },
                { "id": "review", "label": "Review", "hint": "A person has to look at the report" },
                { "id": "adverse", "label": "Adverse", "hint": "The vendor or you decided against it" },
                { "id": "inconclusive", "label": "Completed without a known result", "hint": "Done, but Crosscheck does not know the vendor's words as a result" },
                { "id": REOPENED, "label": "Looked at again", "hint": "Reopened; the earlier result no longer counts" },
            ],
        }],
    } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{OUTCOMES, Outcome, Package};

    #[test]
    fn the_activation_form_asks_for_the_token_and_has_it_checked() {
        let form = activation();
        let field = &form["config"]["fields"][1];
        assert_eq!(form["config"]["fields"][0]["type"], "infobox");
        assert_eq!(field["id"], "externalTriggerToken");
        assert_eq!((&field["type"], &field["required"]), (&json!("password"), &json!(true)));
        assert_eq!(form["config"]["validateEndpoint"], "activation/validate");
    }

    #[test]
    fn packages_are_options_with_text_ids_and_must_be_picked() {
        let package = |id: &str| Package { id: id.to_owned(), name: format!("P{id}"), description: String::new() };
        let packages = vec![package("4238"), package("9")];
        let catalogue = Catalogue { packages, credit: None, needs_phone: true, needs_email: true };
        let field = config(&catalogue, "SpringVerify")["config"]["fields"][0].clone();
        assert_eq!((&field["id"], &field["type"]), (&json!("package"), &json!("select")));
        assert_eq!(field["required"], true);
        assert_eq!(field["description"], "What SpringVerify is to check.");
        assert_eq!(field["options"], json!([{ "id": "4238", "label": "P4238" }, { "id": "9", "label": "P9" }]));
    }

    #[test]
    fn what_goes_wrong_is_an_error_field_and_the_criteria_stay() {
        let form = unable("Not now.");
        let field = json!([{ "type": "error", "message": "Not now.", "required": "true" }]);
        assert_eq!(form["config"]["fields"], field);
        assert_eq!(form["config"]["moving_criteria"][0]["id"], "report_decision");
    }

    #[test]
    fn every_outcome_of_ours_is_declared_as_one_of_the_criterion_and_so_is_reopened() {
        let form = unable("");
        let declared = form["config"]["moving_criteria"][0]["outcomes"].as_array().expect("outcomes").clone();
        let declared: Vec<&str> = declared.iter().filter_map(|one| one["id"].as_str()).collect();
        let ours = OUTCOMES.into_iter().filter(|o| *o != Outcome::None).map(Outcome::name);
        let ours: Vec<&str> = ours.chain([REOPENED]).collect();
        assert_eq!(declared, ours);
    }
}
