//! What the compiler says to a mistake, to the letter. `README.md` tells how to add and to renew a fixture.

#[test]
fn mistakes_are_named_with_their_cure() {
    let fixtures = trybuild::TestCases::new();
    for folder in ["model", "relation", "acl", "validate", "property", "app"] {
        fixtures.compile_fail(format!("{folder}/*.rs"));
    }
}
