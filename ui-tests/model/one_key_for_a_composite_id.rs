use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Tagging {
    #[model(id)]
    post_id: i64,
    #[model(id)]
    tag: String,
}

fn main() {
    let _ = <Tagging as Model>::DEF;
    async fn find(taggings: &Repository<Tagging>) -> Result<Option<Tagging>> {
        taggings.find_by_id(7).await
    }
}
