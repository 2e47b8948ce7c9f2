#[loopwright::main]
async fn main(port: u16) {
    drop(port);
}
