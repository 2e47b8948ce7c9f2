//! The order of middleware phases (contract *middleware.md* §1, §2.3).

/// Those that every application has.
const BUILT_IN: [&str; 7] = [
    "initial", "session", "auth", "parse", "routes", "files", "final",
];

/// The part of a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Before,
    At,
    After,
}

/// The phases of every application.
pub(super) fn built_in() -> Vec<String> {
    BUILT_IN.map(str::to_owned).to_vec()
}

/// `current` with the phases of `added`, in an order that both have. A new one stands behind the one that `added` has before it, or
/// at the front.
///
/// # Errors
/// There is no such order; in LoopBack's words.
pub(super) fn merged(current: &[String], added: &[String]) -> Result<Vec<String>, String> {
    let mut phases = current.to_vec();
    let mut last: Option<usize> = None;
    for name in added {
        let known = phases.iter().position(|phase| phase == name);
        last = Some(match (known, last) {
            (Some(known), Some(last)) if known < last => {
                return Err(format!(
                    "Ordering conflict: cannot add \"{name}\" after \"{}\", because the opposite order was  already specified",
                    phases[last]
                ));
            }
            (Some(known), _) => known,
            (None, last) => {
                let place = last.map_or(0, |last| last + 1);
                phases.insert(place, name.clone());
                place
            }
        });
    }
    Ok(phases)
}

/// The name of a phase, and its part: `initial:before`.
pub(super) fn parse(name: &str) -> Option<(&str, Stage)> {
    match name.split_once(':') {
        None => Some((name, Stage::At)),
        Some((name, "before")) => Some((name, Stage::Before)),
        Some((name, "after")) => Some((name, Stage::After)),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_are_put_in_order() {
        for (added, expected) in [
            (
                vec!["custom"],
                "custom,initial,session,auth,parse,routes,files,final",
            ),
            (
                vec!["initial", "postinit", "preauth", "routes", "subapps"],
                "initial,postinit,preauth,session,auth,parse,routes,subapps,files,final",
            ),
            (
                vec!["a", "b", "routes", "c"],
                "a,b,initial,session,auth,parse,routes,c,files,final",
            ),
            (
                vec!["parse", "log", "routes"],
                "initial,session,auth,parse,log,routes,files,final",
            ),
            (
                vec!["initial", "last"],
                "initial,last,session,auth,parse,routes,files,final",
            ),
            (vec![], "initial,session,auth,parse,routes,files,final"),
        ] {
            let added: Vec<_> = added.into_iter().map(str::to_owned).collect();
            assert_eq!(merged(&built_in(), &added).unwrap().join(","), expected);
        }
        let conflict = ["routes", "initial"].map(str::to_owned);
        assert_eq!(
            merged(&built_in(), &conflict).unwrap_err(),
            "Ordering conflict: cannot add \"initial\" after \"routes\", because the opposite order was  already specified"
        );
    }
}
