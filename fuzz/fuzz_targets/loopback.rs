//! libFuzzer, or files, for the target `loopback`.
#![cfg_attr(fuzzing, no_main)]

loopwright_fuzz::program!(loopback);
