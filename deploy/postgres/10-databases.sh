#!/bin/bash
# Runs once, on an empty data folder: a database per service and one for the event log, each with an owner of its own,
# so that no service can read another's tables. Sorted bytewise, as the embedded server does.
set -euo pipefail

for name in registry matching contracts notifications operations log; do
    psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "${POSTGRES_DB:-$POSTGRES_USER}" \
        --set name="hto_$name" --set password="$HTO_SERVICE_PASSWORD" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8';
REVOKE CONNECT, TEMPORARY ON DATABASE :"name" FROM PUBLIC;
SQL
done
