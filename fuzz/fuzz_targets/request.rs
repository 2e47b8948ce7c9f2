//! libFuzzer, or files, for the target `request`.
#![cfg_attr(fuzzing, no_main)]

loopwright_fuzz::program!(request);
