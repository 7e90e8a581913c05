#!/usr/bin/env bash
# `phiscope power` gives Pylians' numbers for the reference cube, on any number of ranks and in both precisions.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

cube=$source_root/tests/data/reference/cube128.h5
reference=$source_root/tests/data/reference/power_cube128.csv
expect_file "$cube" "$reference"

# expect_table FILE LIMIT: k and P0 agree with the float64 column of the reference to LIMIT, the modes exactly
expect_table() {
  expect_equal "$(grep -v '^#' "$1" | head -1)" "k,modes,p0" "the header of $1"
  paste -d, <(grep -v '^#' "$reference" | tail -n +2) <(grep -v '^#' "$1" | tail -n +2) | awk -F, -v limit="$2" '
    function differ(a, b) { return ((a - b) / b)^2 > limit^2 || a == "" }
    { rows++ }
    NF != 9 { print "row " rows " has no partner"; bad = 1 }
    differ($7, $1) { print "k: " $7 ", expected " $1; bad = 1 }
    $8 != $2 { print "modes: " $8 ", expected " $2; bad = 1 }
    differ($9, $4) { print "p0: " $9 ", expected " $4; bad = 1 }
    END { exit bad || rows != 110 }' >&2 || fail "$1 does not agree with the reference to $2"
}

say "the reference table, at 1, 2, 3 and 4 ranks"
for ranks in 1 2 3 4; do
  on_ranks "$ranks" power "$cube" --box 1000 --convention pylians --precision double >"double$ranks.csv" ||
    fail "phiscope power on $ranks ranks"
  expect_table "double$ranks.csv" 1e-6
  on_ranks "$ranks" power "$cube" --box 1000 --convention pylians --precision single >"single$ranks.csv" ||
    fail "phiscope power on $ranks ranks, single precision"
  expect_table "single$ranks.csv" 1e-5
done

say "into files"
quietly log_csv on_ranks 2 power "$cube" --box 1000 --convention pylians -o table.csv
expect_table table.csv 1e-6
quietly log_h5 on_ranks 2 power "$cube" --box 1000 --convention pylians --multipoles 0 -o table.h5
expect_shape table.h5 power/k 110
expect_shape table.h5 power/p 1x110
paste <(grep -v '^#' table.csv | tail -n +2 | cut -d, -f3) <("$PHISCOPE_PROBE" values table.h5 power/p) |
  awk '(($1 - $2) / $2)^2 > 1e-20 || NF != 2 { exit 1 }' || fail "the tables in CSV and HDF5 differ"
expect_equal "$(on_ranks 1 power "$cube" --box 1000 --multipoles 0 | grep '^k,')" "k,modes,p0,p2,p4" "the header"
expect_no_temporaries .

say "several cubes: a column says which"
small=$pairs/seed0000
on_ranks 2 power "$small/gr/gr_snap000_phi.h5" "$small/newton/newton_snap000_phi.h5" --box 2560 >several.csv
expect_equal "$(grep -v '^#' several.csv | head -1)" "cube,k,modes,p0" "the header"
expect_equal "$(grep -v '^#' several.csv | tail -n +2 | cut -d, -f1 | uniq | wc -l)" 2 "the cubes in the table"

say "nonsense has its exit status and its message"
for ranks in 1 3; do
  expect_code 2 log on_ranks "$ranks" power "$cube" --box -5
  expect_code 2 log on_ranks "$ranks" power "$cube" --box large
  expect_code 2 log on_ranks "$ranks" power "$cube"
  expect_code 2 log on_ranks "$ranks" power "$cube" --box 1000 --precision half
  expect_code 1 log on_ranks "$ranks" power absent.h5 --box 1000
  expect_in log 'error: absent.h5'
  expect_code 1 log on_ranks "$ranks" power "$cube" --box 1000 --dataset phi
  expect_in log 'error:' "phi"
  expect_code 1 log on_ranks "$ranks" power "$cube" --box 1000 --convention pylans
  expect_in log 'error:' "pylans" "pylians"
  expect_code 1 log on_ranks "$ranks" power "$cube" --box 1000 -o /dev/null/table.csv
  expect_in log 'error: /dev/null/table.csv'
done
