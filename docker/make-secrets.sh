#!/bin/bash
# Makes the secrets that docker-compose.yml reads, where they are not there yet: docker/make-secrets.sh DIR.
# Run it as root, so that each file can belong to the one user who reads it: 999 is the database image's,
# 1000 the gateway's. The certificates are not its to make: run it, add the three files that it names, run it
# again, and it gives them to that user too; it ends with 1 while one is missing. What exists keeps its content;
# a lost ledger key cannot be made again.
set -euo pipefail
umask 077
directory=${1:?usage: docker/make-secrets.sh DIRECTORY}
mkdir -p "$directory"

random() { openssl rand -hex 32; }
keep() { # NAME: from standard input, unless it is there
  if [ -e "$directory/$1" ]; then cat >/dev/null; else cat >"$directory/$1"; fi
}
url() { # USER PASSWORD-FILE
  printf 'postgresql://%s:%s@%%2Fvar%%2Frun%%2Fpostgresql/jetway\n' "$1" "$(cat "$directory/$2")"
}

random | keep database-owner-password
random | keep database-gateway-password
url jetway_owner database-owner-password | keep database-owner-url
url jetway_app database-gateway-password | keep database-gateway-url
openssl genpkey -algorithm ed25519 | keep ledger-key.pem
openssl rand -base64 32 | keep mac-key

missing=0
for name in tls-certificate.pem tls-key.pem client-ca.pem; do
  if [ ! -e "$directory/$name" ]; then
    echo "still to be added: $directory/$name" >&2
    missing=1
  fi
done

if [ "$(id -u)" = 0 ]; then
  # the files are mounted one by one, so only root has to get into the folder
  chown 999:999 "$directory"/database-*-password
  for name in database-owner-url database-gateway-url ledger-key.pem mac-key \
    tls-certificate.pem tls-key.pem client-ca.pem; do
    if [ -e "$directory/$name" ]; then
      chown 1000:1000 "$directory/$name"
      chmod 0400 "$directory/$name"
    fi
  done
else
  echo "not root: give database-*-password to user 999 and the others to user 1000 yourself" >&2
fi
exit "$missing"
