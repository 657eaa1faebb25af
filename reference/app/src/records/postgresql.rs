//! Records in a database of PostgreSQL: one connection, made anew when it is lost.

mod fault;

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};
use tokio_postgres::config::Host;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Config, NoTls, Transaction};

use super::work::{self, Row, Value, Work};
use super::{Database, Failure};
pub use fault::Fault;

/// A database, and the connection to it while there is one.
#[derive(Debug)]
pub(super) struct Postgresql {
    config: Config,
    /// Carries the connection.
    runtime: Handle,
    client: Option<Client>,
    /// The connection has failed, though it may not know yet that it is closed.
    stale: bool,
}

impl Postgresql {
    /// With the latest time that the database has known.
    pub(super) fn connect(mut config: Config) -> Result<(Postgresql, u64), Fault> {
        config.application_name("im-server");
        let runtime = Handle::current();
        let opened = async {
            let client = open(&config).await?;
            let latest = client.query_typed_one(work::LATEST, &[]).await?;
            Ok((client, latest.try_get::<_, i64>(0)?))
        };
        let (client, latest) = runtime.block_on(within(Instant::now() + PATIENCE, opened))?;
        let opened = Postgresql {
            config,
            runtime,
            client: Some(client),
            stale: false,
        };
        Ok((opened, u64::try_from(latest).unwrap_or(0)))
    }
}

impl Database for Postgresql {
    fn begin(&mut self, writes: bool) -> Result<Box<dyn Work + '_>, Failure> {
        let lost = |fault: Fault| Failure {
            lost: true,
            ..Failure::from(fault)
        };
        let end = Instant::now() + PATIENCE;
        let known = self.client.take();
        let client = match known.filter(|client| !self.stale && !client.is_closed()) {
            Some(client) => client,
            None => {
                let opened = self.runtime.block_on(within(end, open(&self.config)));
                opened.map_err(lost)?
            }
        };
        let client = self.client.insert(client);
        let begun = self.runtime.block_on(within(end, begin(client, writes)));
        self.stale = begun.is_err();
        Ok(Box::new(Underway {
            transaction: begun.map_err(lost)?,
            runtime: &self.runtime,
            stale: &mut self.stale,
            end,
        }))
    }
}

/// Connects, and sees to the tables.
async fn open(config: &Config) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = config.connect(NoTls).await?;
    // Whoever asks next is told that it has ended.
    tokio::spawn(async { drop(connection.await) });
    client.batch_execute(SCHEMA).await?;
    Ok(client)
}

async fn begin(
    client: &mut Client,
    writes: bool,
) -> Result<Transaction<'_>, tokio_postgres::Error> {
    let transaction = client
        .build_transaction()
        .read_only(!writes)
        .start()
        .await?;
    if writes {
        transaction.batch_execute(ALONE).await?;
    }
    Ok(transaction)
}

async fn within<T>(
    end: Instant,
    asked: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, Fault> {
    match timeout_at(end, asked).await {
        Ok(answered) => answered.map_err(Fault::from),
        Err(_) => Err(Fault::Silent),
    }
}

/// A transaction that has to be over by `end`.
struct Underway<'a> {
    transaction: Transaction<'a>,
    runtime: &'a Handle,
    stale: &'a mut bool,
    end: Instant,
}

impl Work for Underway<'_> {
    fn ask(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>, Failure> {
        let typed: Vec<(&(dyn ToSql + Sync), Type)> = values
            .iter()
            .map(|value| (value as &(dyn ToSql + Sync), kind(value)))
            .collect();
        let asked = async {
            let found = self.transaction.query_typed(sql, &typed).await?;
            found.iter().map(row).collect()
        };
        let answered = self.runtime.block_on(within(self.end, asked));
        answered.map_err(|fault| noted(fault, self.stale))
    }

    fn commit(self: Box<Self>) -> Result<(), Failure> {
        let committed = within(self.end, self.transaction.commit());
        let committed = self.runtime.block_on(committed);
        committed.map_err(|fault| noted(fault, self.stale))
    }
}

fn noted(fault: Fault, stale: &mut bool) -> Failure {
    let failure = Failure::from(fault);
    *stale |= failure.lost;
    failure
}

fn kind(value: &Value<'_>) -> Type {
    match value {
        Value::Bytes(_) => Type::BYTEA,
        Value::Nothing | Value::Number(_) => Type::INT8,
        Value::Text(_) => Type::TEXT,
    }
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Bytes(bytes) => bytes.to_sql(kind, out),
            Value::Nothing => Ok(IsNull::Yes),
            Value::Number(number) => i64::try_from(*number)?.to_sql(kind, out),
            Value::Text(text) => text.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::BYTEA, Type::INT8, Type::TEXT].contains(kind)
    }

    to_sql_checked!();
}

fn row(found: &tokio_postgres::Row) -> Result<Row, tokio_postgres::Error> {
    let columns = found.columns().iter().enumerate();
    let value = |(index, column): (usize, &tokio_postgres::Column)| {
        Ok(match *column.type_() {
            Type::BYTEA => Value::Bytes(found.try_get::<_, Vec<u8>>(index)?.into()),
            Type::TEXT => Value::Text(found.try_get::<_, String>(index)?.into()),
            _ => match found.try_get::<_, Option<i64>>(index)? {
                Some(number) => Value::Number(u64::try_from(number).unwrap_or(0)),
                None => Value::Nothing,
            },
        })
    };
    columns.map(value).collect()
}

/// What an operator knows the database by: all of its address but user and password.
pub(crate) fn name(config: &Config) -> String {
    let ports = config.get_ports();
    let hosts = config.get_hosts().iter().enumerate().map(|(index, host)| {
        let port = ports.get(index).or(ports.first()).copied().unwrap_or(5432);
        match host {
            Host::Tcp(name) if name.contains(':') => format!("[{name}]:{port}"),
            Host::Tcp(name) => format!("{name}:{port}"),
            #[cfg(unix)]
            Host::Unix(folder) => format!("{}:{port}", folder.display()),
        }
    });
    let hosts: Vec<String> = hosts.collect();
    format!(
        "postgresql://{}/{}",
        hosts.join(","),
        config.get_dbname().unwrap_or_default()
    )
}

/// What was committed is on the disk, whatever the database does otherwise. A number is never used again, so that what
/// follows one is always newer; names have the order of their octets. Nobody waits for a server that is no more.
const SCHEMA: &str = "
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
    SET statement_timeout = '10s';
    SET idle_in_transaction_session_timeout = '20s';
    SET client_min_messages = warning;
    SET search_path = im_server;
    BEGIN;
    SELECT pg_advisory_xact_lock(1229802322);
    CREATE SCHEMA IF NOT EXISTS im_server;
    CREATE TABLE IF NOT EXISTS records (
        number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        folder TEXT COLLATE \"C\" NOT NULL, name TEXT COLLATE \"C\" NOT NULL, stored BIGINT NOT NULL, expires BIGINT,
        bytes BYTEA NOT NULL, UNIQUE (folder, name)
    );
    CREATE INDEX IF NOT EXISTS by_folder ON records (folder, number);
    CREATE TABLE IF NOT EXISTS gone (
        folder TEXT COLLATE \"C\" NOT NULL, name TEXT COLLATE \"C\" NOT NULL, number BIGINT NOT NULL,
        since BIGINT NOT NULL, PRIMARY KEY (folder, name)
    );
    CREATE INDEX IF NOT EXISTS by_age ON gone (since);
    COMMIT;";

/// One writer at a time, whoever shares the database: room is kept, and numbers come in their order.
const ALONE: &str = "SELECT pg_advisory_xact_lock(1229802322)";

/// How long a transaction may take, connecting included.
const PATIENCE: Duration = Duration::from_secs(10);
