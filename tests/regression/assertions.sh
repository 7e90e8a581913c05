# shellcheck shell=bash
# Sourced by every regression script: how to run the program, and what a test can demand. The first demand that is not
# met ends the script with a sentence that says which.
#
# From the environment: PHISCOPE, PHISCOPE_PROBE, PHISCOPE_KILL_LIBRARY, PHISCOPE_MPIRUN (programs and libraries) and
# PHISCOPE_WORK, the folder of this test's output, which is emptied first and is the working directory then.

set -euo pipefail

: "${PHISCOPE:?the program phiscope}" "${PHISCOPE_PROBE:?the program result_probe}" "${PHISCOPE_WORK:?a folder for output}"
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_root=$(cd "$tests/../.." && pwd)
pairs=$source_root/tests/data/pairs32
# shellcheck disable=SC2034 # for the scripts that source this file
tiny=$tests/tiny.yaml

rm -rf "$PHISCOPE_WORK"
mkdir -p "$PHISCOPE_WORK/tmp"
cd "$PHISCOPE_WORK"
# What MPI leaves behind when it is killed goes with the folder. Short, because sockets lie in it.
TMPDIR=$(mktemp -d /tmp/phiscope.XXXXXX)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
# Nothing is left in the user's own cache, and nothing comes from there.
export PHISCOPE_CACHE=$PHISCOPE_WORK/cache

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

say() { printf '%s\n' "-- $*"; }

# on_ranks N COMMAND…: phiscope on N ranks; with 1, without mpirun, as a user would.
on_ranks() {
  local ranks=$1
  shift
  if ((ranks == 1)); then
    "$PHISCOPE" "$@"
  else
    "${PHISCOPE_MPIRUN:-mpirun}" -n "$ranks" "$PHISCOPE" "$@"
  fi
}

# quietly LOG COMMAND…: the command must succeed; its output goes to LOG, and is shown when it does not.
quietly() {
  local log=$1 code=0
  shift
  "$@" >"$log" 2>&1 || code=$?
  ((code == 0)) && return
  cat "$log" >&2
  fail "exit status $code, expected 0: $*"
}

# expect_code N LOG COMMAND…: the command must end with status N.
expect_code() {
  local expected=$1 log=$2 code=0
  shift 2
  "$@" >"$log" 2>&1 || code=$?
  ((code == expected)) && return
  cat "$log" >&2
  fail "exit status $code, expected $expected: $*"
}

expect_equal() { # expect_equal FOUND EXPECTED WHAT
  [[ $1 == "$2" ]] || fail "$3: found '$1', expected '$2'"
}

expect_file() {
  local file
  for file in "$@"; do [[ -s $file ]] || fail "$file is missing or empty"; done
}

expect_in() { # expect_in FILE TEXT…: every text stands in the file
  local file=$1 text
  shift
  for text in "$@"; do
    grep -qF -- "$text" "$file" || { cat "$file" >&2; fail "$file does not say '$text'"; }
  done
}

# expect_one_error LOG NAME TEXT…: one line of the log says 'error:', and holds every text
expect_one_error() {
  local log=$1 name=$2
  shift 2
  expect_equal "$(grep -c 'error:' "$log")" 1 "$name: the lines with 'error:' in $(head -c 2000 "$log")"
  grep 'error:' "$log" >error_line
  expect_in error_line "$@"
}

# rejected NAME TEXT… -- ARGUMENT…: phiscope on $ranks ranks ends with status 1 within 20 s ($patience) and with one
# error on standard error, which holds every text. Leaves the files out and err.
rejected() {
  local name=$1 code=0 texts=() command=("$PHISCOPE")
  shift
  while [[ $1 != -- ]]; do
    texts+=("$1")
    shift
  done
  shift
  ((ranks == 1)) || command=("${PHISCOPE_MPIRUN:-mpirun}" -n "$ranks" "$PHISCOPE")
  say "$name"
  timeout -k 5 "${patience:-20}" "${command[@]}" "$@" >out 2>err </dev/null || code=$?
  ((code == 1)) || { cat err >&2; fail "$name: exit status $code, expected 1"; }
  expect_one_error err "$name" "${texts[@]}"
}

expect_not_in() { # expect_not_in FILE TEXT…
  local file=$1 text
  shift
  for text in "$@"; do
    if grep -nF -- "$text" "$file" | head -3 >&2 && grep -qF -- "$text" "$file"; then fail "$file holds '$text'"; fi
  done
}

expect_same_bytes() { # expect_same_bytes FOLDER FOLDER FILE…
  local first=$1 second=$2 file
  shift 2
  for file in "$@"; do
    cmp "$first/$file" "$second/$file" || fail "$file differs between $first and $second"
  done
}

expect_same_numbers() { # expect_same_numbers FILE FILE LIMIT DATASET…: the relative difference is at most LIMIT
  local first=$1 second=$2 limit=$3 dataset
  shift 3
  for dataset in "$@"; do
    "$PHISCOPE_PROBE" compare "$first" "$second" "$dataset" "$limit" || fail "$first and $second differ"
  done
}

# expect_same_numbers_in UNIT FILE FILE LIMIT DATASET…: the difference is at most LIMIT × dataset UNIT
expect_same_numbers_in() {
  local unit=$1 first=$2 second=$3 limit=$4 dataset
  shift 4
  for dataset in "$@"; do
    "$PHISCOPE_PROBE" compare_in "$first" "$second" "$dataset" "$limit" "$unit" || fail "$first and $second differ"
  done
}

expect_shape() { # expect_shape FILE DATASET SHAPE
  expect_equal "$("$PHISCOPE_PROBE" shape "$1" "$2")" "$3" "the shape of $2 in $1"
}

# The value in a JSON file: json FILE /pointer
json() { "$PHISCOPE_PROBE" json "$1" "$2"; }

# holds EXPRESSION: whether a comparison of numbers is true
holds() { awk "BEGIN { exit !($1) }"; }

expect_that() { # expect_that EXPRESSION WHAT
  holds "$1" || fail "$2: $1 does not hold"
}

expect_no_temporaries() {
  local left
  left=$(find "$1" -name '*phiscope-tmp*')
  [[ -z $left ]] || fail "temporary files are left behind: $left"
}

# One line per file of a folder: checksum and name. The log, which every attempt adds to, and the lock are left out.
checksums() {
  (cd "$1" && find . -type f ! -name log.txt ! -name .lock -print0 | sort -z | xargs -0r sha256sum)
}

# wait_for SECONDS CONDITION…: until the command succeeds
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@" 2>/dev/null; do
    ((SECONDS < end)) || fail "waited in vain for: $*"
    sleep 0.02
  done
}

# Files that carry no times: equal bytes for equal studies.
# shellcheck disable=SC2034 # for the scripts that source this file
timeless=(model.safetensors statistics.h5 evaluation.h5 evaluation.json explanation.h5)

# tiny_study ROOT: the study tiny.yaml to be changed, wherever it lies, with the simulations of that folder
tiny_study() {
  sed -e "s|tests/data/pairs32|$1|" -e "s|tests/regression/tiny_network.yaml|$tests/tiny_network.yaml|" "$tiny"
}

# copy_pairs FOLDER SEED…: real pairs, to be spoilt
copy_pairs() {
  local folder=$1 seed
  shift
  mkdir -p "$folder"
  for seed in "$@"; do cp -r "$pairs/$(printf 'seed%04d' "$seed")" "$folder/"; done
  chmod -R u+w "$folder"
}

# spoil CUBE BYTES: overwrites four bytes in the middle of a cube; \000\000\300\177 is NaN, \000\000\200\177 infinity
spoil() {
  # shellcheck disable=SC2059 # the bytes are the format
  printf "$2" | dd of="$1" bs=1 seek=$((2048 + 4 * 20000)) conv=notrunc status=none
}
