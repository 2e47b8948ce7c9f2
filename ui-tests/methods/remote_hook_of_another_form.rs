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
    #[remote_hook]
    async fn look(_: &mut RemoteCall<'_, Self>) -> Result<()> {
        Ok(())
    }

    #[remote_hook(after(find))]
    fn see(_: &mut RemoteCall<'_, Self>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
