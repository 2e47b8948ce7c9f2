//! What is written to users.

use serde_json::Value as Json;

use crate::mail::Email;

/// A letter that is to be written to a user; [`App::letters`](crate::App::letters) writes it in words of one's own.
#[derive(Clone)]
#[non_exhaustive]
pub struct UserLetter {
    /// What it is about.
    pub kind: LetterKind,
    /// The user's address.
    pub to: String,
    /// The link that the letter is for; it holds a secret.
    pub href: String,
    /// The user, without hidden properties.
    pub user: Json,
}

/// What a letter to a user is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LetterKind {
    /// The address is to be confirmed.
    Verify,
    /// The password has been forgotten.
    ResetPassword,
}

// The link is a secret.
impl std::fmt::Debug for UserLetter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserLetter")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// The letter in the usual words; those about an address are LoopBack's (contract *users.md* §10).
pub(super) fn usual(letter: &UserLetter) -> Email {
    let UserLetter { to, href, .. } = letter;
    let link = escaped(href);
    match letter.kind {
        LetterKind::Verify => Email::new(to, "Thanks for Registering")
            .text(format!(
                "Please verify your email by opening this link in a web browser:\n\t{href}"
            ))
            .html(format!(
                "<h1>Thank You</h1>\n<p>Please verify your email by opening <a href=\"{link}\">this link</a> in a web \
                 browser:</p>\n<p>{link}</p>\n"
            )),
        LetterKind::ResetPassword => Email::new(to, "A new password")
            .text(format!(
                "Somebody, most likely you, has asked for a new password. Set it by opening this link in a web \
                 browser:\n\t{href}\nIf it was not you, there is nothing to do.\n"
            ))
            .html(format!(
                "<h1>A new password</h1>\n<p>Somebody, most likely you, has asked for a new password. Set it by opening \
                 <a href=\"{link}\">this link</a> in a web browser:</p>\n<p>{link}</p>\n<p>If it was not you, there is \
                 nothing to do.</p>\n"
            )),
    }
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}
