#!/usr/bin/env bash
# `phiscope power` gives Pylians' numbers for the reference cube, on any number of ranks and in both precisions.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

cube=$source_root/tests/data/reference/cube128.h5
reference=$source_root/tests/data/reference/power_cube128.csv
expect_file "$cube" "$reference"
export PHISCOPE_CACHE=$PHISCOPE_WORK/cache

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

say "three cubes and more: a column says which"
small=$pairs/seed0000
gr=$small/gr/gr_snap000_phi.h5
newton=$small/newton/newton_snap000_phi.h5
on_ranks 2 power "$gr" "$newton" "$gr" --box 2560 >several.csv
expect_equal "$(grep -v '^#' several.csv | head -1)" "cube,k,modes,p0" "the header"
expect_equal "$(grep -v '^#' several.csv | tail -n +2 | cut -d, -f1 | uniq | wc -l)" 3 "the cubes in the table"

say "two cubes: their cross spectrum beside their own"
for ranks in 1 3; do
  on_ranks "$ranks" power "$gr" "$newton" --box 2560 --kmax 0.03 >cross.csv
  on_ranks "$ranks" power "$newton" --box 2560 --kmax 0.03 >newton.csv
  expect_equal "$(grep -v '^#' cross.csv | head -1)" "k,modes,p0,p0_a,p0_b,r,t" "the header"
  # One universe twice: the phases agree to 1e-3, and relativity has a little more power.
  paste -d, <(grep -v '^#' cross.csv | tail -n +2) <(grep -v '^#' newton.csv | tail -n +2) | awk -F, '
    function differ(a, b) { return ((a - b) / b)^2 > 1e-18 || a == "" }
    { rows++ }
    differ($5, $10) || differ($6, $3 / sqrt($4 * $5)) || differ($7, sqrt($4 / $5)) { print "row " rows; exit 1 }
    !($6 > 0.999 && $6 <= 1 + 1e-12 && $7 > 1 && $7 < 1.1) { print "row " rows ": r " $6 ", t " $7; exit 1 }
    END { exit rows != 11 }' >&2 || fail "the cross spectrum on $ranks ranks"
done
quietly log_cross on_ranks 2 power "$gr" "$newton" --box 2560 --multipoles 2 -o cross.h5
bins=$("$PHISCOPE_PROBE" shape cross.h5 power/k)
expect_shape cross.h5 power/p "2x$bins"
for name in p p2 p4 r t; do expect_shape cross.h5 "cross/$name" "$bins"; done
expect_equal "$(on_ranks 1 power "$gr" "$newton" --box 2560 --multipoles 2 | grep '^k,')" \
  "k,modes,p0,p2,p4,p0_a,p0_b,r,t" "the header"
expect_code 1 log on_ranks 2 power "$gr" "$cube" --box 2560
expect_in log 'error:' '32³' '128³'

say "bins of one's own"
edges=$(on_ranks 1 power "$gr" --box 2560 --edges 0.005,0.01,0.03 | grep -vc -e '^#' -e '^k')
expect_equal "$edges" 2 "the bins between three edges"
wide=$(on_ranks 1 power "$gr" --box 2560 --bin-width 3 --kmax 0.03 | grep -v '^#' | awk -F, 'NR == 2 { print $2 }')
expect_equal "$wide" 185 "the modes of 1.5 <= |n| < 4.5"
(($(on_ranks 1 power "$gr" --box 2560 --per-decade 5 | grep -vc -e '^#' -e '^k') >= 5)) || fail "logarithmic bins"

say "particles"
"$PHISCOPE_PROBE" particles particles.h5 32 100 1 3
for options in "--window cic" "--window pcs --interlaced --precision single"; do
  for ranks in 1 3; do
    # shellcheck disable=SC2086 # several options
    on_ranks "$ranks" power particles.h5 --particles pos --grid 16 --box 100 $options >particles.csv
    expect_in particles.csv shot_noise "$(awk 'BEGIN { printf "%.12e", 1e6 / 32^3 }')"
    # Displaced by 1 sin(2π 3 x/L): δ = 6π/100, in one of the modes of 2.5 <= |n| < 3.5 (n and −n are one).
    grep -v '^#' particles.csv | awk -F, '
      NR == 4 { expected = (6 * atan2(0, -1) / 100)^2 / 4 * 1e6 / $2; found = $3 }
      END { exit !(found > 0.9 * expected && found < 1.02 * expected) }' || fail "the wave of the particles, $options"
  done
done

say "threads: one for each of several ranks, all for one, unless the user says"
(
  unset OMP_NUM_THREADS
  on_ranks 2 power "$gr" --box 2560 -o threads.csv 2>log_two
  expect_in log_two '2 ranks × 1 thread'
  on_ranks 1 power "$gr" --box 2560 -o threads.csv 2>log_one
  expect_in log_one "1 rank × $(nproc) thread"
)
OMP_NUM_THREADS=3 on_ranks 2 power "$gr" --box 2560 -o threads.csv 2>log_three
expect_in log_three '2 ranks × 3 threads'

say "cubes of different sizes have no common table in HDF5"
expect_code 1 log on_ranks 2 power "$gr" "$cube" "$gr" --box 2560 --edges 0.005,0.02,0.05 -o sizes.h5
expect_in log 'error:' 'different sizes'
quietly log on_ranks 2 power "$gr" "$newton" "$gr" --box 2560 --edges 0.005,0.02,0.05 -o sizes.HDF5
expect_shape sizes.HDF5 power/p 3x2

# A header of 2000000³ values and nothing else.
{
  printf '\x93NUMPY\x01\x00\x76\x00'
  printf '%-117s\n' "{'descr': '<f8', 'fortran_order': False, 'shape': (2000000, 2000000, 2000000), }"
} >huge.npy

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
  expect_code 2 log on_ranks "$ranks" power "$cube" --box 1000 --convention pylans
  expect_in log "pylans" "pylians"
  expect_code 2 log on_ranks "$ranks" power "$cube" --box 1000 --window tcs
  expect_in log "tcs" "tsc"
  expect_code 2 log on_ranks "$ranks" power "$cube" --box 1000 --edges 0.1,0.05
  expect_in log "--edges" "ascending"
  expect_code 2 log on_ranks "$ranks" power "$cube" --box 1000 --edges 0.1,0.2 --bin-width 2
  expect_code 2 log on_ranks "$ranks" power "$cube" --box 1000 --convention pylians --bin-width 2
  expect_code 2 log on_ranks "$ranks" power particles.h5 --box 100 --particles pos --window cic
  expect_code 2 log on_ranks "$ranks" power particles.h5 --box 100 --particles pos --grid 16
  expect_code 1 log on_ranks "$ranks" power particles.h5 --box 1 --particles pos --grid 16 --window cic
  expect_in log 'error: particles.h5' "in a box of 1" "beyond it"
  expect_code 1 log on_ranks "$ranks" power "$cube" --box 1000 --particles data --grid 16 --window cic
  expect_in log 'error:' "128×128×128" "count×3"
  for box in 1e-300 1e300 1e-7 nan inf; do
    expect_code 2 log on_ranks "$ranks" power "$cube" --box "$box"
  done
  for output in table.npy table /dev/stdout; do
    expect_code 2 log on_ranks "$ranks" power "$cube" --box 1000 -o "$output"
    expect_in log "$output" "standard output"
  done
  cp "$gr" mine.h5
  expect_code 1 log on_ranks "$ranks" power "$newton" mine.h5 --box 2560 -o ./mine.h5
  expect_in log 'error:' 'mine.h5' 'is also read'
  cmp "$gr" mine.h5 || fail "the cube was replaced"
  for bins in '--bin-width 1e-9' '--per-decade 1e9' '--kmax 1e9' '--kmax 1e300' '--edges 100,200'; do
    # shellcheck disable=SC2086 # an option and its value
    expect_code 1 log on_ranks "$ranks" power "$cube" --box 1000 $bins
    expect_equal "$(grep -c 'error:' log)" 1 "the lines with 'error:' of $bins"
  done
  expect_code 2 log on_ranks "$ranks" power "$cube" --box 1000 --kmax nan
  expect_code 1 log on_ranks "$ranks" power huge.npy --box 1000
  expect_equal "$(grep -c 'error:' log)" 1 "the lines with 'error:'"
  expect_in log 'huge.npy' '32768'
  expect_code 1 log on_ranks "$ranks" power "$cube" --box 1000 -o /dev/null/table.csv
  expect_in log 'error: /dev/null/table.csv'
done
