import type { DatabaseSync } from 'node:sqlite';

/** Raised with every change of the tables below; a folder written by a later version is refused. */
const SCHEMA_VERSION = 1;

/**
 * Queues, containers and tables own their rows by a number, so that deleting or clearing one is one row changed at
 * once and the rest swept a little at a time (`discarded`).
 */
const TABLES = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) WITHOUT ROWID, STRICT;
CREATE TABLE service_properties (
  account TEXT NOT NULL, service TEXT NOT NULL, xml TEXT NOT NULL, PRIMARY KEY (account, service)
) WITHOUT ROWID, STRICT;
CREATE TABLE discarded (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, owner INTEGER NOT NULL) STRICT;

CREATE TABLE queue (
  number INTEGER PRIMARY KEY, account TEXT NOT NULL, name TEXT NOT NULL, metadata TEXT NOT NULL, acl TEXT NOT NULL,
  UNIQUE (account, name)
) STRICT;
-- A message's text is written once; what changes with each delivery stands in "due", whose order is the queue's.
CREATE TABLE message (
  seq INTEGER PRIMARY KEY, queue INTEGER NOT NULL, nonce TEXT NOT NULL, inserted INTEGER NOT NULL,
  expires INTEGER NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE INDEX message_expiry ON message (expires) WHERE expires < 253402300799000;
CREATE TABLE due (
  queue INTEGER NOT NULL, visible INTEGER NOT NULL, seq INTEGER NOT NULL, dequeues INTEGER NOT NULL,
  receipt INTEGER NOT NULL, PRIMARY KEY (queue, visible, seq)
) WITHOUT ROWID, STRICT;

CREATE TABLE container (
  number INTEGER PRIMARY KEY, account TEXT NOT NULL, name TEXT NOT NULL, etag TEXT NOT NULL,
  modified INTEGER NOT NULL, metadata TEXT NOT NULL, acl TEXT NOT NULL, lease TEXT,
  UNIQUE (account, name)
) STRICT;
CREATE TABLE blob (
  container INTEGER NOT NULL, name TEXT NOT NULL, etag TEXT NOT NULL, created INTEGER NOT NULL,
  modified INTEGER NOT NULL, size INTEGER NOT NULL, properties TEXT NOT NULL, metadata TEXT NOT NULL,
  -- Ids of its parts in order, as JSON: [[id, size, block id?], ...].
  parts TEXT NOT NULL, lease TEXT, PRIMARY KEY (container, name)
) WITHOUT ROWID, STRICT;
CREATE TABLE uncommitted_block (
  container INTEGER NOT NULL, name TEXT NOT NULL, block TEXT NOT NULL, content INTEGER NOT NULL,
  size INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (container, name, block)
) WITHOUT ROWID, STRICT;
-- A content is the bytes of one write: here when small, else a file of this number.
CREATE TABLE content (id INTEGER PRIMARY KEY, uses INTEGER NOT NULL, bytes BLOB) STRICT;
CREATE TABLE unlinked (content INTEGER PRIMARY KEY) STRICT;

CREATE TABLE entity_table (
  number INTEGER PRIMARY KEY, account TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE, acl TEXT NOT NULL,
  UNIQUE (account, name)
) STRICT;
CREATE TABLE entity (
  id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, pk TEXT NOT NULL, rk TEXT NOT NULL,
  stamp TEXT NOT NULL, properties TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX entity_key ON entity (owner, pk, rk);
`;

/** Creates what is missing. @throws {Error} of a folder that a later version wrote */
export function migrate(db: DatabaseSync): void {
  const { user_version: found } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (found > SCHEMA_VERSION) {
    throw new Error(
      `its storage was written by a later version of Imaginem (state ${found}, this one knows ${SCHEMA_VERSION}): start that version again`,
    );
  }
  if (found === SCHEMA_VERSION) return;
  db.exec(`BEGIN IMMEDIATE; ${TABLES} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
}
