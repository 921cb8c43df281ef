#!/usr/bin/env bash
# Builds everything and runs every test, from a fresh clone on a machine that has only the .NET SDK.
# The last line is "N passed, N failed". What a test needs is installed here, and a test that misses it fails.
# Only what stands beside the project (../shared) cannot be installed: its tests are named where it is missing.
set -euo pipefail
cd "$(dirname "$0")"

export COMMUNE_TESTS_NO_SKIP=1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 LC_ALL=C.UTF-8

fail() {
  echo "test.sh: $*" >&2
  exit 1
}

has_postgres() {
  command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

has_sqlite() {
  ldconfig -p 2>/dev/null | grep -q 'libsqlite3\.so\.0' || compgen -G '/usr/lib/*/libsqlite3.so.0' >/dev/null
}

# Debian's own Python has Debian's modules; another one may stand before it on PATH.
has_module() {
  [[ -x /usr/bin/python3 && -e /usr/lib/python3/dist-packages/$1 ]] && /usr/bin/python3 -c "import $1" 2>/dev/null
}

# Debian packages that the tests need and that are not here.
missing_packages() {
  has_postgres || echo postgresql
  has_sqlite || echo libsqlite3-0
  # swaks speaks TLS by the second of these.
  command -v swaks >/dev/null || echo swaks
  perl -MNet::SSLeay -e 1 2>/dev/null || echo libnet-ssleay-perl
  command -v msmtp >/dev/null || echo msmtp
  [[ -x /usr/sbin/postfix ]] || echo postfix
  [[ -x /usr/sbin/opendkim ]] || echo opendkim
  has_module dkim && [[ -x /usr/bin/dkimverify ]] || echo python3-dkim
  local module
  for module in nacl cryptography requests; do
    has_module "$module" || echo "python3-$module"
  done
  command -v curl >/dev/null || echo curl
  if [[ -d tests/Commune.Console.Tests ]]; then
    command -v chromium >/dev/null || echo chromium
  fi
}

# Installs them with apt-get. Where that cannot be done the tests that need them fail, each with the name of its package.
install_missing() {
  local missing root=() policy=/usr/sbin/policy-rc.d
  mapfile -t missing < <(missing_packages)
  [[ ${#missing[@]} -eq 0 ]] && return
  echo "Installing ${missing[*]}"
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null || { echo "test.sh: as root run: apt-get install ${missing[*]}" >&2; return; }
    root=(sudo)
  fi
  # Tests start Postfix and OpenDKIM with folders of their own; the machine's stay as they are, unconfigured and not started.
  if [[ -e $policy ]]; then
    policy=
  else
    printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
    "${root[@]}" chmod 755 "$policy"
  fi
  if ! { "${root[@]}" apt-get update -q && "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$results/apt.log" 2>&1; then
    tail -n 20 "$results/apt.log" >&2
    echo "test.sh: apt-get could not install: ${missing[*]}" >&2
  fi
  [[ -z $policy ]] || "${root[@]}" rm -f "$policy"
}

# The number in an attribute of the <assembly …> element of an xunit result file; nothing when it is not there.
count() {
  grep -o '<assembly [^>]*>' "$2" | sed -n "1s/.* $1=\"\([0-9]*\)\".*/\1/p" || true
}

# Names of what failed (Fail) or was skipped (Skip) in an xunit result file.
print_results() {
  tr '\n' ' ' <"$2" | sed 's/<test /\n<test /g' \
    | sed -n -E 's/^<test [^>]* ?name="([^"]*)"[^>]* result="'"$1"'".*/\1/p' \
    | sed -e 's/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&apos;/'"'"'/g; s/&amp;/\&/g' -e 's/^/  /'
}

passed=0
failed=0

# Runs one test project and adds its numbers. A crash, or a run without a test, is one failure.
run_project() {
  local project=$1 name report log status=0 ok=0 bad=0 errors=0 skipped=0
  name=$(basename "$project")
  if [[ -z $(find "$project" -name '*.cs' -not -path '*/obj/*' -not -path '*/bin/*' -print -quit) ]]; then
    echo "$name: has no test file yet"
    return
  fi
  report="$results/$name.xml"
  log="$results/$name.log"
  timeout --kill-after=30 1200 dotnet "$project/bin/Release/net10.0/$name.dll" -noLogo -noColor -xml "$report" >"$log" 2>&1 || status=$?
  if [[ -s $report ]]; then
    ok=$(count passed "$report")
    bad=$(count failed "$report")
    errors=$(count errors "$report")
    skipped=$(count skipped "$report")
  fi
  ok=${ok:-0} bad=$((${bad:-0} + ${errors:-0})) skipped=${skipped:-0}
  if [[ $bad -eq 0 && ($status -ne 0 || $ok -eq 0) ]]; then
    bad=1
    echo "$name: ended with status $status, $ok passed and no failure reported; its last lines:"
    tail -n 40 "$log"
  elif [[ $bad -gt 0 ]]; then
    grep -v -e '^xUnit.net' -e '^  Discover' "$log" | head -n 400 || true
    echo "$name: failed:"
    print_results Fail "$report"
  fi
  if [[ $skipped -gt 0 ]]; then
    echo "$name: $skipped could not run on this machine:"
    print_results Skip "$report"
  fi
  passed=$((passed + ok))
  failed=$((failed + bad))
  echo "$name: $ok passed, $bad failed"
}

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

command -v dotnet >/dev/null || fail "the .NET SDK of global.json is needed: https://dot.net"
install_missing

if ! { dotnet restore Commune.slnx --locked-mode -v quiet && dotnet build Commune.slnx -c Release --no-restore -warnaserror -v quiet; }; then
  echo "The build failed"
  echo "0 passed, 1 failed"
  exit 1
fi

for project in tests/*.Tests; do
  run_project "$project"
done

echo "$passed passed, $failed failed"
[[ $failed -eq 0 && $passed -gt 0 ]]
