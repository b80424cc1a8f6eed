// For the examples of the documentation that need a database: they include this file in lines that are not shown.
// Everything runs in one transaction, which is rolled back.

#[allow(dead_code, clippy::unwrap_used)]
pub fn in_transaction<F>(example: F)
where
    F: AsyncFnOnce(&mut sqlx::PgConnection) -> Result<(), tasker_core::Error>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let url = std::env::var("DATABASE_URL")
            .expect("DATABASE_URL should name a database with the engine's tables; `rake spec:doc` sets it");
        let pool = sqlx::PgPool::connect(&url).await.unwrap();
        let mut transaction = pool.begin().await.unwrap();
        example(&mut transaction).await.unwrap();
        transaction.rollback().await.unwrap();
    });
}
