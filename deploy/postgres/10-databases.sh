#!/bin/bash
# Runs once, on an empty data folder: a database per service and one for the event log, each with an owner of its own
# and a password of its own (from /run/hto, where make_secrets.py put them), so that no service can read another's
# tables. Sorted bytewise, as the embedded server does.
set -euo pipefail

run() {
    psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "${POSTGRES_DB:-$POSTGRES_USER}" "$@"
}

for name in registry matching contracts notifications operations log; do
    file=$name
    [[ $name == log ]] && file=admin # who owns the event log makes its topics and gives rights
    run --set name="hto_$name" --set file="/run/hto/$file" <<'SQL'
\set password `cat :file`
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8';
REVOKE CONNECT, TEMPORARY ON DATABASE :"name" FROM PUBLIC;
SQL
done

run --set name="$POSTGRES_USER" <<'SQL'
\set password `cat /run/hto/password`
ALTER ROLE :"name" PASSWORD :'password';
SQL
