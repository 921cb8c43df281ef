#!/bin/bash
# Downloads the packages of MANIFEST from Debian, checks each, and unpacks them: fetch.sh FOLDER
# "fetch.sh --renew FOLDER" takes today's versions instead and writes MANIFEST anew: Debian keeps no old ones.
set -euo pipefail
cd "$(dirname "$0")"
renew=
if [ "$1" = --renew ]; then renew=yes; shift; fi
manifest=$PWD/MANIFEST
mkdir -p "$1/packages" "$1/material"
cd "$1/packages"

fetch() { apt-get download "$1" 2>/dev/null; }

if [ -n "$renew" ]; then
  names=$(grep -v '^#' "$manifest" | cut -d' ' -f1)
  grep '^#' "$manifest" > "$manifest.new"
  for name in $names; do
    rm -f "${name}"_*.deb
    fetch "$name"
    file=$(ls "${name}"_*.deb)
    echo "$name $(dpkg-deb -f "$file" Version) $(sha256sum "$file" | cut -d' ' -f1)" >> "$manifest.new"
  done
  mv "$manifest.new" "$manifest"
fi

grep -v '^#' "$manifest" | while read -r name version checksum; do
  file=${name}_${version//:/%3a}_all.deb
  [ -e "$file" ] || fetch "$name=$version" || { echo "Debian no longer has $name $version: see --renew in README.md." >&2; exit 1; }
  echo "$checksum  $file" | sha256sum --check --quiet
  dpkg-deb --extract "$file" ../material
done
