#!/usr/bin/env bash
# A disk that is full from the N-th write on: every stage ends with status 1 and one message that names the file and the
# reason, leaves no temporary, and goes on from there once there is room, to the same bytes.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

study=("$tiny" --quiet --set simulations.seeds=0-2 --set dataset.split.train=0 --set dataset.split.validation=1
  --set dataset.split.test=2 --set simulations.redshifts=1 --set dataset.transform=phi --set training.batch=8
  --set evaluation.bootstrap=10)

# full_at N RANKS FOLDER: the study with a disk that is full from call N on (0: never)
full_at() {
  local ranks=$2
  PHISCOPE_FULL_AT=$1 PHISCOPE_KILL_FOLDER=$PHISCOPE_WORK/$3 LD_PRELOAD=$PHISCOPE_KILL_LIBRARY \
    on_ranks "$ranks" run "${study[@]}" --output "$PHISCOPE_WORK/$3"
}

PHISCOPE_KILL_RECORD=$PHISCOPE_WORK/calls quietly log_whole full_at 0 1 whole
mapfile -t points < <(grep -nE '^(write|fsync)$' calls | cut -d: -f1 | awk 'NR % 14 == 1')
((${#points[@]} >= 8)) || fail "only ${#points[@]} writes were found"
say "$(wc -l <calls) calls change files; full from ${#points[@]} of them on"

refused_and_completed() { # refused_and_completed POINT RANKS
  rm -rf full
  expect_code 1 log_full full_at "$1" "$2" full
  expect_one_error log_full "full from call $1 on" "$PHISCOPE_WORK/full/" "cannot be written" "No space left on device"
  expect_not_in log_full "HDF5" "Segmentation"
  expect_no_temporaries full
  quietly log_again full_at 0 1 full
  expect_same_bytes whole full "${timeless[@]}"
}
for point in "${points[@]}"; do refused_and_completed "$point" 1; done
refused_and_completed 12 3

say "standard output that nobody reads"
closed() { "$PHISCOPE" settings | true; return "${PIPESTATUS[0]}"; }
set +o pipefail
expect_code 1 log_closed closed
set -o pipefail
expect_in log_closed "standard output could not be written: Broken pipe"
