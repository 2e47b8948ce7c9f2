//! Constants inside attributes.

use syn::{Expr, ExprLit, ExprUnary, Lit, UnOp};

/// A constant: text, a number or a truth value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Boolean(bool),
    Integer(i64),
    Float(f64),
    String(String),
}

impl Literal {
    /// The constant that `expr` is, or nothing when it is no constant at all.
    pub(crate) fn read(expr: &Expr) -> Option<syn::Result<Literal>> {
        match expr {
            Expr::Lit(ExprLit { lit, .. }) => literal(lit, ""),
            Expr::Unary(ExprUnary {
                op: UnOp::Neg(_),
                expr,
                ..
            }) => match &**expr {
                Expr::Lit(ExprLit {
                    lit: lit @ (Lit::Int(_) | Lit::Float(_)),
                    ..
                }) => literal(lit, "-"),
                _ => None,
            },
            _ => None,
        }
    }
}

fn literal(lit: &Lit, sign: &str) -> Option<syn::Result<Literal>> {
    Some(match lit {
        Lit::Str(text) => Ok(Literal::String(text.value())),
        Lit::Bool(flag) => Ok(Literal::Boolean(flag.value)),
        // With its sign, since the least `i64` has no positive twin.
        Lit::Int(number) => format!("{sign}{}", number.base10_digits())
            .parse()
            .map(Literal::Integer)
            .map_err(|_| {
                syn::Error::new(
                    number.span(),
                    "the number does not fit into `i64`; write a smaller one",
                )
            }),
        Lit::Float(number) => format!("{sign}{}", number.base10_digits())
            .parse()
            .map(Literal::Float)
            .map_err(|_| {
                syn::Error::new(
                    number.span(),
                    "the number does not fit into `f64`; write a smaller one",
                )
            }),
        _ => return None,
    })
}
