#!/usr/bin/env bash
# The report is made of the run directory alone, and what ended report.py is said. A stand-in for report.py, since the
# packages that the real one needs may be missing here.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

copy_pairs good 0 1 2
study=("$tiny" --set "simulations.root=$PHISCOPE_WORK/good" --set simulations.seeds=0-2 --set dataset.split.train=0
  --set dataset.split.validation=1 --set dataset.split.test=2 --output run)
quietly log_measure "$PHISCOPE" measure "${study[@]}"
mkdir tools
export PHISCOPE_TOOLS=$PHISCOPE_WORK/tools
script() { printf '%s\n' "$@" >tools/report.py; }

say "the simulations are gone"
rm -r good
script 'import sys' 'open(sys.argv[1] + "/report.html", "w").write("done")'
for ranks in 1 3; do
  rm -f run/report.html
  quietly log on_ranks "$ranks" report "${study[@]}"
  expect_file run/report.html
done
expect_code 1 log "$PHISCOPE" measure "${study[@]}"

refused() { # refused NAME TEXT…
  say "$1"
  shift
  expect_code 1 log "$PHISCOPE" report "${study[@]}"
  expect_equal "$(grep -c 'error:' log)" 1 "the lines with 'error:'"
  grep 'error: run: the report could not be written' log >error_line || fail "no such error: $(cat log)"
  expect_in error_line "$@"
  expect_not_in error_line matplotlib
}
script 'raise ValueError("no such plot")'
refused "a script that fails" "ended with status 1" "ValueError: no such plot"
script 'import os, signal' 'os.kill(os.getpid(), signal.SIGKILL)'
refused "a script that is killed" "signal 9"
script 'import sys' 'sys.exit(127)'
refused "an exit status that a shell gives for no program" "ended with status 127"
