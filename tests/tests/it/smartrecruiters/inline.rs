//! Checks that are ordered from inside an application form: nothing is bought before the applicant begins.

use shared::order::{Order, Placement, State};
use shared::secrets::StoredKeys;
use sim::Answer;
use sim::pair::Milestone;
use sim::smartrecruiters::Person;
use tests::world::{PHONE, Result};

use super::Play;

fn asha() -> Person {
    Person { first_name: "Asha".to_owned(), last_name: "Rao".to_owned(), email: "asha@example.com".to_owned() }
}

/// An applicant reaches the check in the form; the card and the address of the page.
async fn reached(play: &Play, person: &Person) -> Result<(String, String)> {
    let (card, answer) = play.sim.applicant_orders_inline(&play.company, &play.package, person).await?;
    assert_eq!(answer.http_status, 200, "{}", answer.text);
    let url = answer.str_at("/url").ok_or("no address")?;
    assert_eq!(answer.str_at("/assessmentPackageURL"), Some(url));
    Ok((card, url.to_owned()))
}

async fn begins(play: &Play, url: &str, phone: &str) -> Answer {
    play.sim.post_form(url, &[("phone", phone)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_inside_an_application_is_bought_once_and_not_before_the_applicant_begins() -> Result {
    let play = Play::new().await?;
    let (card, url) = reached(&play, &asha()).await?;
    let again = play.sim.repeat_order(&card).await?;
    assert_eq!(again.str_at("/url"), Some(&*url), "the repeated call gives the same page");
    let page = play.sim.get_raw(&url, None).await;
    assert_eq!(page.http_status, 200);
    for words in ["Begin", "name=\"phone\"", "SpringVerify carries it out"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    for (phone, words) in [("", "Please give a phone number."), ("12", "ten-digit"), (&"9".repeat(41), "too long")] {
        let refused = begins(&play, &url, phone).await;
        assert_eq!(refused.http_status, 422, "{phone}");
        assert!(refused.text.contains(words) && refused.text.contains("role=\"alert\""), "{}", refused.text);
    }
    play.an_hour_passes().await?;
    assert_eq!((play.order_of(&card).await?.placement, play.vendor.creates()), (Placement::Held, 0));

    let begun = begins(&play, &url, PHONE).await;
    assert_eq!(begun.http_status, 200, "{}", begun.text);
    assert!(begun.text.contains("The check has begun."), "{}", begun.text);
    let check = (card.clone(), play.placed(&card).await?);
    for late in [begins(&play, &url, "9876500000").await, play.sim.get_raw(&url, None).await] {
        assert_eq!(late.http_status, 200);
        assert!(late.text.contains("nothing left to do") && late.text.contains("/completed"), "{}", late.text);
    }
    let bought = play.vendor.springverify().ok_or("another vendor")?.orders();
    assert_eq!((bought.len(), bought[0].phone.as_str()), (1, "9876543210"));
    play.reaches(&check, Milestone::Clear, State::Completed).await?;
    let shown = play.shown(&card)?;
    assert_eq!((shown.status.as_deref(), shown.score_label.as_deref()), (Some("COMPLETED"), Some("Clear")));
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn results_that_smartrecruiters_does_not_know_yet_are_sent_again_when_the_applicant_is_back() -> Result {
    let play = Play::new().await?;
    play.sim.hide_inline_orders_until_finished(true);
    let (card, url) = reached(&play, &asha()).await?;
    assert_eq!(begins(&play, &url, PHONE).await.http_status, 200);
    play.until_card(&card, |o| o.placement.vendor_ref().is_some()).await?;
    play.idle().await;
    assert!(play.sim.calls("orders/results") > 0, "it was tried");
    let order = play.order_of(&card).await?;
    assert!(order.told < order.version && play.sim.history(&card).is_empty());
    play.sim.applicant_returns(&card)?;
    play.time_passes(std::time::Duration::from_secs(7));
    play.placed(&card).await?;
    assert!(play.shown(&card)?.status.is_some());
    let story = play.order_of(&card).await?.history;
    assert!(!story.iter().any(|entry| entry.text.contains("did not take")), "an early 404 is no refusal: {story:?}");
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_applicant_who_comes_again_begins_the_newest_check_and_no_second_one() -> Result {
    let play = Play::new().await?;
    let (old, old_url) = reached(&play, &asha()).await?;
    let shouting = Person { email: " ASHA@example.com".to_owned(), ..asha() };
    let (new, url) = reached(&play, &shouting).await?;
    let superseded = begins(&play, &old_url, PHONE).await;
    assert!(superseded.text.contains("newer request"), "{}", superseded.text);
    assert_eq!(begins(&play, &url, PHONE).await.http_status, 200);
    play.placed(&new).await?;
    let (third, third_url) = reached(&play, &asha()).await?;
    let page = play.sim.get_raw(&third_url, None).await;
    assert!(page.text.contains("nothing left to do") && page.text.contains("/completed"), "an application goes on");
    play.until_summary(&third, "already being checked").await?;
    assert_eq!(play.order_of(&old).await?.placement, Placement::Held);
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn beginning_and_applying_anew_at_the_same_instant_buy_one_check() -> Result {
    let play = Play::new().await?;
    for n in 0..12 {
        let phone = format!("98765{n:05}");
        let person = Person { email: format!("asha{n}@example.com"), ..asha() };
        let (old, old_url) = reached(&play, &person).await?;
        let (begun, again) = tokio::join!(begins(&play, &old_url, &phone), reached(&play, &person));
        let (new, new_url) = again?;
        assert_eq!(begun.http_status, 200, "{}", begun.text);
        begins(&play, &new_url, &phone).await;
        // The list leaves out what was refused.
        let theirs =
            |o: &Order| o.reference.result_url.as_ref().is_some_and(|url| url.contains(&old) || url.contains(&new));
        let bought = |o: &&Order| theirs(o) && o.placement != Placement::Held && !o.status.state.is_closed();
        let stored = play.stored().await?;
        assert_eq!(stored.iter().filter(bought).count(), 1, "one of the two may be bought, round {n}");
    }
    play.until_bought(12).await?;
    play.idle().await;
    play.ends_with_bought(12)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_open_goes_on_working_when_the_signing_secret_is_rotated() -> Result {
    let play = Play::new().await?;
    let (card, url) = reached(&play, &asha()).await?;
    let (secrets, id) = (&play.deployment.services.secrets, &play.made.connection.id);
    for (rotation, status) in [(1, 200), (2, 404)] {
        let keys = secrets.latest_keys(id).await?;
        let previous_signing_secret = keys.signing_secret.clone();
        let rotated = StoredKeys { signing_secret: format!("secret {rotation}"), previous_signing_secret, ..keys };
        secrets.put_keys(id, &rotated).await?;
        secrets.latest_keys(id).await?;
        assert_eq!(play.sim.get_raw(&url, None).await.http_status, status, "after rotation {rotation}");
    }
    assert_eq!(play.order_of(&card).await?.placement, Placement::Held);
    play.ends_with_bought(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_applicants_page_opens_by_its_own_address_only_and_takes_no_form_from_elsewhere() -> Result {
    let play = Play::new().await?;
    let (card, url) = reached(&play, &asha()).await?;
    let (other, other_url) = reached(&play, &Person { email: "ravi@example.com".to_owned(), ..asha() }).await?;
    let by_recruiter = play.placed_order().await?.0;
    let (ours, theirs) = (play.order_of(&card).await?.id.to_string(), play.order_of(&other).await?.id.to_string());
    let third = play.order_of(&by_recruiter).await?.id.to_string();
    for wrong in [
        url.replace("signature=", "signature=x"),
        url.split('?').next().unwrap_or_default().to_owned(),
        other_url.replace(&theirs, &ours),
        url.replace(&ours, &third),
        url.replace(&ours, "x"),
    ] {
        assert_eq!(play.sim.get_raw(&wrong, None).await.http_status, 404, "{wrong}");
        assert_eq!(begins(&play, &wrong, PHONE).await.http_status, 404, "{wrong}");
    }
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        let form = super::reqwest_client().post(&url).header(name, value).body("phone=9876543210");
        assert_eq!(form.send().await?.status(), 403, "{name}");
    }
    play.idle().await;
    assert_eq!(play.order_of(&card).await?.placement, Placement::Held);
    play.ends_with_bought(1)
}
