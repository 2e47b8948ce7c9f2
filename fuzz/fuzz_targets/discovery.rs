//! libFuzzer, or files, for the target `discovery`.
#![cfg_attr(fuzzing, no_main)]

loopwright_fuzz::program!(discovery);
