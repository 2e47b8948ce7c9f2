//! What requests cost: see the benchmark `requests`, which is all that there is.
