//! What is written to users.

use rand::Rng;

use crate::mail::Email;

/// What a letter to confirm an address holds: 128 hexadecimal digits.
pub(super) fn verification_token() -> String {
    let mut bytes = [0; 64];
    rand::rng().fill_bytes(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A letter to confirm an address, in LoopBack's words (contract *users.md* §10).
pub(super) fn verify(to: &str, href: &str) -> Email {
    let text = format!("Please verify your email by opening this link in a web browser:\n\t{href}");
    let link = escaped(href);
    let html = format!(
        "<h1>Thank You</h1>\n<p>Please verify your email by opening <a href=\"{link}\">this link</a> in a web browser:</p>\n\
         <p>{link}</p>\n"
    );
    Email::new(to, "Thanks for Registering")
        .text(text)
        .html(html)
}

/// A letter to who has forgotten a password.
pub(super) fn reset_password(to: &str, href: &str) -> Email {
    let text = format!(
        "Somebody, most likely you, has asked for a new password. Set it by opening this link in a web browser:\n\t{href}\n\
         If it was not you, there is nothing to do.\n"
    );
    let link = escaped(href);
    let html = format!(
        "<h1>A new password</h1>\n<p>Somebody, most likely you, has asked for a new password. Set it by opening \
         <a href=\"{link}\">this link</a> in a web browser:</p>\n<p>{link}</p>\n<p>If it was not you, there is nothing to \
         do.</p>\n"
    );
    Email::new(to, "A new password").text(text).html(html)
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}
