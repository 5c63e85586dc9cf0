//! Keys that an operator gives are tried before they are stored: what they lack is named.

use crosscheck::deployment::CliError;
use crosscheck::keys;
use serde_json::json;
use shared::connection::Catalogue;
use sim::ashby::ErrorShape;
use sim::{Fault, Reply};
use tests::world::{Result, World};

/// What `crosscheck connect` and `connections rotate --keys` do before they store anything.
async fn tried(world: &World) -> Result<std::result::Result<Option<Catalogue>, CliError>> {
    let (deployment, connection) = (&world.pair.deployment, &world.pair.made.connection);
    let keys = deployment.services.keys(connection).await?;
    Ok(keys::check(deployment, connection, &keys).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_ashbys_without_one_of_its_scopes_is_refused_and_the_scope_is_named() -> Result {
    let world = World::new().await?;
    let (read, write) = ("candidates:read", "candidates:write");
    let lacking: [(&[&str], &str); 3] =
        [(&[read], "candidatesWrite"), (&[write], "candidatesRead"), (&[], "candidatesRead")];
    for shape in [ErrorShape::Codes, ErrorShape::Messages, ErrorShape::Info] {
        world.ashby.set_error_shape(shape);
        for (scopes, missing) in lacking {
            world.ashby.set_scopes(scopes);
            let refused = tried(&world).await?.err().ok_or("a key without its scope was taken")?.to_string();
            assert!(refused.contains(&format!("lacks the scope {missing}")), "{shape:?} {scopes:?}: {refused}");
        }
        world.ashby.set_scopes(&[read, write]);
        assert!(tried(&world).await?.is_ok(), "{shape:?}: the unknown assessment was taken for a refusal");
    }
    world.ends_with_bought(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_ashby_answers_to_an_unknown_assessment_the_key_was_good_enough_to_be_answered() -> Result {
    let world = World::new().await?;
    for answer in [
        Fault::Answer(Reply::json(200, &json!({ "success": true }))),
        Fault::Answer(Reply::json(200, &json!({}))),
        Fault::status(400),
        Fault::status(404),
        Fault::status(409),
        Fault::status(500),
    ] {
        let what = format!("{answer:?}");
        world.ashby.faults().once("assessment.update", answer);
        assert!(tried(&world).await?.is_ok(), "{what}");
    }
    for (answer, words) in [(Fault::status(403), "candidatesWrite"), (Fault::rate_limited(7), "try again")] {
        world.ashby.faults().once("assessment.update", answer);
        let refused = tried(&world).await?.err().ok_or("an untried key was taken")?.to_string();
        assert!(refused.contains(words), "{refused}");
    }
    assert_eq!(world.ashby.faults().unused(), 0);
    world.ends_with_bought(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_rotation_the_version_before_is_the_one_that_was_in_force() -> Result {
    let world = World::new().await?;
    let (id, vault) = (&world.pair.made.connection.id, &world.pair.deployment.services.secrets);
    let old = vault.keys(id).await?;
    assert!(vault.previous_keys(id).await?.is_none(), "asked for by a wrong callback, say, and remembered");
    let elsewhere = world.pair.stack.file.services(shared::clock::Clock::system()).secrets;
    let new = shared::secrets::StoredKeys { callback_secret: "rotated".to_owned(), ..old.clone() };
    elsewhere.put_keys(id, &new).await?;
    assert!(vault.latest_keys(id).await? == new);
    assert!(vault.previous_keys(id).await? == Some(old), "callbacks with the old secret are still the vendor's");
    Ok(())
}
