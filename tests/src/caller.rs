//! Somebody who calls an application, with a token or without one.

use loopwright::builtin::{Role, RoleMapping};
use serde_json::{Value as Json, json};

use crate::serve::Served;

/// Somebody who calls an application.
pub struct Caller<'a> {
    served: &'a Served,
    token: Option<String>,
}

impl Served {
    /// Somebody without a token.
    pub fn anonymous(&self) -> Caller<'_> {
        Caller {
            served: self,
            token: None,
        }
    }

    /// Somebody who sends this as a token.
    pub fn bearer(&self, token: &str) -> Caller<'_> {
        Caller {
            served: self,
            token: Some(token.to_owned()),
        }
    }

    /// Somebody who has logged in at `path`, such as `Customers`, with this address and the password `secret`.
    ///
    /// # Errors
    /// The login fails.
    pub async fn log_in(
        &self,
        path: &str,
        email: &str,
    ) -> Result<Caller<'_>, Box<dyn std::error::Error>> {
        let login = format!("POST /{path}/login");
        let body = json!({"email": email, "password": "secret"});
        let (status, token) = self.anonymous().call(&login, body).await?;
        match token["id"].as_str() {
            Some(id) if status == 200 => Ok(self.bearer(id)),
            _ => Err(format!("{email} can't log in: {status} {token}").into()),
        }
    }
}

impl Served {
    /// Makes a principal of this kind, such as [`RoleMapping::OF_USER`], a member of the role, which is made if it is not there.
    ///
    /// # Errors
    /// The application has no roles.
    pub async fn grant(
        &self,
        role: &str,
        kind: &str,
        principal: impl ToString,
    ) -> loopwright::Result<()> {
        let new = Role {
            name: role.into(),
            ..Role::default()
        };
        let roles = self.application.repository::<Role>()?;
        let (role, _) = roles.find_or_create(Role::NAME.eq(role), new).await?;
        let mapping = RoleMapping {
            principal_type: Some(kind.into()),
            principal_id: Some(principal.to_string()),
            role_id: Some(role.id),
            ..RoleMapping::default()
        };
        let mappings = self.application.repository::<RoleMapping>()?;
        mappings.create(mapping).await.map(drop)
    }
}

impl Caller<'_> {
    /// The token.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// Sends a request such as `POST /Customers/login`, with this body unless it is null, and answers status and body.
    ///
    /// # Errors
    /// The application does not answer.
    pub async fn call(
        &self,
        request: &str,
        body: Json,
    ) -> Result<(u16, Json), Box<dyn std::error::Error>> {
        let (verb, path) = request.split_once(' ').ok_or("a verb and a path")?;
        let url = format!("{}/api{path}", self.served.url);
        let mut request = self.served.client.request(verb.parse()?, url);
        if let Some(token) = &self.token {
            request = request.header("authorization", token);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Json::Null)))
    }

    /// The status alone of a request without a body.
    ///
    /// # Errors
    /// The application does not answer.
    pub async fn status(&self, request: &str) -> Result<u16, Box<dyn std::error::Error>> {
        let body = match request.starts_with('P') {
            true => json!({}),
            false => Json::Null,
        };
        Ok(self.call(request, body).await?.0)
    }
}
