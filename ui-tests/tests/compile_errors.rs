//! What the compiler says to a mistake, to the letter. `README.md` tells how to add and to renew a fixture.

#[test]
fn mistakes_are_named_with_their_cure() {
    let fixtures = trybuild::TestCases::new();
    for folder in [
        "model",
        "mixin",
        "relation",
        "acl",
        "policy",
        "validate",
        "property",
        "key_value",
        "methods",
        "main",
    ] {
        fixtures.compile_fail(format!("{folder}/*.rs"));
    }
}

/// Models are compared when `App::models` is compiled for them, later than `cargo check` goes. A program that must pass
/// makes trybuild go as far.
#[test]
fn mistakes_between_models_are_named_with_their_cure() {
    let fixtures = trybuild::TestCases::new();
    fixtures.pass("app/pass/*.rs");
    fixtures.compile_fail("app/*.rs");
}
