//! libFuzzer, or files, for the target `batch`.
#![cfg_attr(fuzzing, no_main)]

loopwright_fuzz::program!(batch);
