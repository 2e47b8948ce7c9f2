//! The twin of `metrics.rs` in builds without the cargo feature `metrics`: there are no metrics.

use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::super::data_source::DataSource;
use crate::trail::{Called, Question};
use crate::{Error, Result};

pub(in crate::boot) enum Metrics {}

impl Metrics {
    pub fn new() -> Result<Self> {
        Err(Error::internal(
            "the configuration asks for metrics, which this program was built without; add the cargo feature `metrics` \
             to its `loopwright` dependency",
        ))
    }

    pub fn begun(&self) {
        match *self {}
    }

    pub fn left(&self) {
        match *self {}
    }

    pub fn ended(&self, _called: Option<&Called>, _status: Option<StatusCode>, _took: Duration) {
        match *self {}
    }

    pub fn asked(&self, _question: &Question, _took: Duration) {
        match *self {}
    }

    pub fn answer(&self, _data_sources: &[DataSource], _asked: &HeaderMap) -> Result<Response> {
        match *self {}
    }
}
