use loopwright::prelude::*;
use loopwright::remoting::RemoteCall;

#[derive(Model)]
#[acl(open)]
struct Note {
    #[model(id)]
    id: i64,
}

#[loopwright::methods]
impl Note {
    #[remote_hook(before(creat, update_or_create), afterwards(find))]
    async fn look(_: &mut RemoteCall<'_, Self>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
