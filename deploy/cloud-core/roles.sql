-- The database, and who may do what in it. As PostgreSQL's superuser, once:
--   sudo -u postgres psql -v ON_ERROR_STOP=1 -f roles.sql
--
-- gridtokenx-cloud-core   owns this one database: it makes and changes its tables itself. Named as its system user, so
--                         that over the Unix socket PostgreSQL knows it without a password (peer).
-- gridtokenx-backup       may copy the cluster (pg_basebackup, a standby), and reads no table.
-- gridtokenx-reader       may read, for reports; sealed wallets and the audit log are among what it reads.

create role "gridtokenx-cloud-core" login nosuperuser nocreatedb nocreaterole noreplication noinherit
    connection limit 200;
create role "gridtokenx-backup" login nosuperuser nocreatedb nocreaterole replication noinherit connection limit 4;
create role "gridtokenx-reader" login nosuperuser nocreatedb nocreaterole noreplication noinherit connection limit 10;

create database gridtokenx owner "gridtokenx-cloud-core" encoding 'UTF8' template template0;
revoke all on database gridtokenx from public;
grant connect on database gridtokenx to "gridtokenx-reader";

\connect gridtokenx

revoke all on schema public from public;
alter schema public owner to "gridtokenx-cloud-core";
grant usage on schema public to "gridtokenx-reader";
alter default privileges for role "gridtokenx-cloud-core" in schema public
    grant select on tables to "gridtokenx-reader";
alter role "gridtokenx-reader" in database gridtokenx set default_transaction_read_only = on;
alter role "gridtokenx-reader" in database gridtokenx set statement_timeout = '60s';
