//! Hashes of passwords.
//!
//! New ones are argon2id. Those that LoopBack has left, bcrypt, are verified and then replaced.

use std::sync::{LazyLock, Mutex, PoisonError};

use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{
    self, Decimal, Ident, Output, ParamsString, PasswordHash, PasswordHasher, PasswordVerifier,
    Salt, SaltString,
};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::Semaphore;

use crate::{Error, Result};

/// How many bytes a password may have: bcrypt heeds no more, and LoopBack's clients expect the limit (contract
/// *users.md* §2).
const MAX_LEN: usize = 72;

/// A hash takes a processor and 19 MiB of memory: no more are made at once than there are processors.
static HASHERS: LazyLock<Semaphore> = LazyLock::new(|| {
    let processors = std::thread::available_parallelism();
    Semaphore::new(processors.map_or(1, |processors| processors.get()))
});

/// What a password is compared with where there is no user, so that nobody can tell by the time that it takes.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| argon2("nobody has this password").ok());

/// Whether a password is the right one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verified {
    /// It is, and its hash is as new ones are.
    Yes,
    /// It is, and this hash is to take the place of the old one.
    Outdated(String),
    No,
}

/// Refuses what can't be a password (contract *users.md* §2). It is not repeated in the message.
///
/// # Errors
/// 422.
pub(super) fn check(password: &str) -> Result<()> {
    if password.is_empty() {
        return Err(Error::new(422, "Invalid password: ").with_code("INVALID_PASSWORD"));
    }
    if password.len() > MAX_LEN {
        let message = format!("Password too long: it may have {MAX_LEN} bytes");
        return Err(Error::new(422, message).with_code("PASSWORD_TOO_LONG"));
    }
    Ok(())
}

/// The hash of a new password.
///
/// # Errors
/// As [`check`], and when there is no chance left in the system.
pub(super) async fn hash(password: String) -> Result<String> {
    check(&password)?;
    apart(move || argon2(&password)).await
}

/// Is `password` the one that `hash` was made of? Without a hash, it takes as long to find that it is not.
///
/// # Errors
/// The hash can't be made.
pub(super) async fn verify(password: String, hash: Option<String>) -> Result<Verified> {
    apart(move || {
        // What is too long was never hashed as a whole.
        let right = password.len() <= MAX_LEN;
        let Some(hash) = hash else {
            if let Some(nobody) = NOBODY.as_deref() {
                matches(&password, nobody);
            }
            return Ok(Verified::No);
        };
        if !(matches(&password, &hash) && right) {
            return Ok(Verified::No);
        }
        match hash.starts_with("$argon2id$") {
            true => Ok(Verified::Yes),
            false => argon2(&password).map(Verified::Outdated),
        }
    })
    .await
}

fn matches(password: &str, hash: &str) -> bool {
    if hash.starts_with("$argon2") {
        let hash = PasswordHash::new(hash);
        return hash.is_ok_and(|hash| {
            KeptMemory
                .verify_password(password.as_bytes(), &hash)
                .is_ok()
        });
    }
    bcrypt::verify(password, hash).unwrap_or(false)
}

fn argon2(password: &str) -> Result<String> {
    let salt = SaltString::generate(&mut OsRng);
    let hash = KeptMemory.hash_password(password.as_bytes(), &salt);
    match hash {
        Ok(hash) => Ok(hash.to_string()),
        Err(error) => {
            Err(Error::internal("the password can't be hashed").with_source(error.to_string()))
        }
    }
}

/// What hashes that have been made leave to the next ones. Allocators take 19 MiB that are free for a place to put small things
/// into, and the next hash needs another 19 MiB: a few dozen logins would come to hundreds of them.
static MEMORY: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// Argon2, in that memory.
struct KeptMemory;

impl PasswordHasher for KeptMemory {
    type Params = Params;

    fn hash_password_customized<'a>(
        &self,
        password: &[u8],
        algorithm: Option<Ident<'a>>,
        version: Option<Decimal>,
        params: Params,
        salt: impl Into<Salt<'a>>,
    ) -> password_hash::Result<PasswordHash<'a>> {
        let algorithm = algorithm.map(Algorithm::try_from).transpose()?;
        let algorithm = algorithm.unwrap_or_default();
        let version = version.map(Version::try_from).transpose()?;
        let version = version.unwrap_or_default();
        let salt = salt.into();
        let mut decoded = [0; Salt::MAX_LENGTH];
        let decoded = salt.decode_b64(&mut decoded)?;
        let len = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
        let argon2 = Argon2::new(algorithm, version, params.clone());
        let hash = Output::init_with(len, |output| {
            let kept = || MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
            let mut memory = kept().pop().unwrap_or_default();
            memory.resize(params.block_count(), Block::default());
            argon2.hash_password_into_with_memory(password, decoded, output, &mut memory)?;
            // That of a hash which somebody else has made may have any size.
            if memory.len() == Params::DEFAULT.block_count() {
                kept().push(memory);
            }
            Ok(())
        })?;
        Ok(PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: ParamsString::try_from(&params)?,
            salt: Some(salt),
            hash: Some(hash),
        })
    }
}

/// Does what takes long away from the threads that serve requests.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    // The semaphore is never closed.
    let _permit = HASHERS.acquire().await.ok();
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::internal("hashing was given up").with_source(error))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_is_argon2id_and_verified() {
        let hash = hash("secret".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        let verified = |password: &str| verify(password.to_owned(), Some(hash.clone()));
        assert_eq!(verified("secret").await.unwrap(), Verified::Yes);
        assert_eq!(verified("Secret").await.unwrap(), Verified::No);
        assert_eq!(verified("").await.unwrap(), Verified::No);
    }

    #[tokio::test]
    async fn what_loopback_has_hashed_is_verified_and_hashed_anew() {
        // By the npm package bcryptjs 2.4: `bar`.
        let old = bcrypt::hash_with_result("bar", 4).unwrap();
        let old = old.format_for_version(bcrypt::Version::TwoA);
        let verified = |password: &str| verify(password.to_owned(), Some(old.clone()));
        let Verified::Outdated(new) = verified("bar").await.unwrap() else {
            panic!("it is outdated");
        };
        assert!(new.starts_with("$argon2id$"), "{new}");
        assert_eq!(verified("baz").await.unwrap(), Verified::No);
        let nobody = verify("bar".to_owned(), None).await.unwrap();
        assert_eq!(nobody, Verified::No);
        let nonsense = verify("bar".to_owned(), Some("bar".to_owned())).await;
        assert_eq!(nonsense.unwrap(), Verified::No);
    }

    #[tokio::test]
    async fn the_limit_is_one_of_bytes() {
        hash("a".repeat(72)).await.unwrap();
        for (password, code) in [
            ("a".repeat(73), "PASSWORD_TOO_LONG"),
            ("é".repeat(37), "PASSWORD_TOO_LONG"),
            (String::new(), "INVALID_PASSWORD"),
        ] {
            let error = hash(password.clone()).await.unwrap_err();
            assert_eq!((error.status(), error.code()), (422, Some(code)));
            assert!(password.is_empty() || !error.to_string().contains(&password));
        }
    }
}
