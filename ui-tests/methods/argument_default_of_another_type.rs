use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Note {
    #[model(id)]
    id: i64,
}

#[loopwright::methods]
impl Note {
    #[remote]
    fn find_some(
        #[arg(default = 300)] hour: u8,
        #[arg(default = "x")] count: Option<i32>,
        #[arg(default = now)] since: i64,
        #[arg(default = 1)] list: Vec<i64>,
    ) -> Result<()> {
        let _ = (hour, count, since, list);
        Ok(())
    }
}

fn main() {}
