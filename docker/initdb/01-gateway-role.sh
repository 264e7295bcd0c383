#!/bin/bash
# The login that the gateway uses, when the cluster is made. Its rights are those that the migrations
# grant to the group jetway_gateway, so the group comes first. psql itself reads the password: as an
# argument it would stand in the list of processes.
set -euo pipefail
secret=${GATEWAY_PASSWORD_FILE:-/run/secrets/database-gateway-password}
export secret
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" <<'SQL'
\set password `cat "$secret"`
create role jetway_gateway nologin;
create role jetway_app login in role jetway_gateway password :'password';
revoke all on database :"DBNAME" from public;
grant connect on database :"DBNAME" to jetway_gateway;
SQL
