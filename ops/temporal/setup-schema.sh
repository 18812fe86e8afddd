#!/bin/sh
# Brings the tables of Temporal's two databases to the version of this image; does nothing the second time.
set -eu
SCHEMAS="${SCHEMAS:-/etc/temporal/schema/postgresql/v12}"

prepare() {
  sql() {
    temporal-sql-tool --plugin "$SQL_PLUGIN" --ep "$SQL_HOST" --port "$SQL_PORT" --user "$SQL_USER" --db "$database" "$@"
  }
  database=$1
  sql setup-schema --version 0.0
  sql update-schema --schema-dir "$SCHEMAS/$2/versioned"
}

prepare temporal temporal
prepare temporal_visibility visibility
