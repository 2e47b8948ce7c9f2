//! libFuzzer, or files, for the target `failure`.
#![cfg_attr(fuzzing, no_main)]

loopwright_fuzz::program!(failure);
