#!/usr/bin/env bash
# A study is killed at its N-th call that changes a file, half of a write done. The same command must complete it, to
# the same bytes, and leave no temporary behind. All N with PHISCOPE_ALL_CRASH_POINTS; otherwise every rename and some
# of the rest.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

# As little to compute as can be, but with a checkpoint inside each epoch.
study=("$tiny" --quiet --set simulations.seeds=0-2 --set dataset.split.train=0 --set dataset.split.validation=1
  --set dataset.split.test=2 --set simulations.redshifts=1 --set dataset.transform=phi --set training.batch=8
  --set training.checkpoint_minutes=0.000001 --set evaluation.bootstrap=10)

# killed_at N FOLDER: the study with the kill at call N (0: none)
killed_at() {
  PHISCOPE_KILL_AT=$1 PHISCOPE_KILL_FOLDER=$PHISCOPE_WORK/$2 LD_PRELOAD=$PHISCOPE_KILL_LIBRARY \
    "$PHISCOPE" run "${study[@]}" --output "$PHISCOPE_WORK/$2"
}

PHISCOPE_KILL_RECORD=$PHISCOPE_WORK/calls quietly log_whole killed_at 0 whole
expect_no_temporaries whole
total=$(wc -l <calls)
# The results of a study, each written, synchronised and renamed: fewer calls say that the counting does not work.
(($(grep -c '^rename$' calls) >= 15)) || fail "only $(grep -c '^rename$' calls) renames were counted"
(($(grep -cE '^p?writev?$' calls) >= 50)) || fail "only $(grep -cE '^p?writev?$' calls) writes were counted"

points=()
if [[ -n ${PHISCOPE_ALL_CRASH_POINTS:-} ]]; then
  mapfile -t points < <(seq "$total")
else
  mapfile -t points < <({
    grep -n '^rename$' calls | cut -d: -f1 | awk 'NR % 2 == 0'
    seq 1 $((total / 12)) "$total"
    echo "$total"
  } | sort -nu)
fi
say "$total calls change files; killing at ${#points[@]} of them"

for point in "${points[@]}"; do
  rm -rf crashed
  code=0
  # In a shell of its own, whose complaint about the killed program goes to the log too.
  (killed_at "$point" crashed) >log_crashed 2>&1 || code=$?
  ((code == 137)) || { cat log_crashed >&2; fail "exit status $code at call $point, expected 137: killed"; }
  quietly log_again killed_at 0 crashed
  for file in "${timeless[@]}"; do
    cmp "whole/$file" "crashed/$file" || fail "$file differs after the crash at call $point ($(sed -n "${point}p" calls))"
  done
  expect_no_temporaries crashed
done
