#!/usr/bin/env bash
# Cubes whose values cannot be what they should be are named, never computed on: untrusted_cubes.sh RANKS. Parts that were
# never written, cubes exchanged or copied, values out of proportion, and cubes that change after results were made
# from them.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

ranks=$1
good=$PHISCOPE_WORK/good
bad=$PHISCOPE_WORK/bad
copy_pairs "$good" 0 1 2 3 4 5
study=("$tiny" --set measure.bispectrum.triangles=none)

measure() { # measure ROOT OUTPUT ARGUMENT…
  on_ranks "$ranks" measure "${study[@]}" --set "simulations.root=$1" --output "${@:2}"
}

fresh_bad() {
  rm -rf "$bad" out
  cp -r "$good" "$bad"
}

exchange() { # exchange FILE FILE
  mv "$1" aside
  mv "$2" "$1"
  mv aside "$2"
}

# refused NAME TEXT…: measuring the bad simulations ends with one error that says every TEXT, and writes no statistics
refused() {
  say "$1"
  expect_code 1 log measure "$bad" out
  expect_one_error log "$@"
  [[ ! -e out/statistics.h5 ]] || fail "$1: was computed on"
}

# skipped SEEDS: on_bad_cube: skip leaves out these seeds
skipped() {
  rm -rf out
  quietly log measure "$bad" out --set simulations.on_bad_cube=skip --set dataset.split.train=0-1 \
    --set dataset.split.validation=2,4 --set dataset.split.test=3,5
  expect_equal "$("$PHISCOPE_PROBE" values out/statistics.h5 catalogue/dropped_seed | paste -sd ' ')" "$1" \
    "the seeds that were left out"
}

quietly log measure "$good" whole
expect_not_in log 'doubt'

fresh_bad
dd if=/dev/zero of="$bad/seed0001/newton/newton_snap001_phi.h5" bs=1024 seek=66 count=64 conv=notrunc status=none
refused "half of a cube was never written" "seed0001/newton/newton_snap001_phi.h5" "planes 16 to 31 across axis 0" "hold 0"
skipped 1

fresh_bad
exchange "$bad"/seed0000/gr/gr_snap00{0,1}_phi.h5
refused "two redshifts are exchanged, with tables beside" seed0000/gr/gr_snap00 seed0000/gr/gr_pk00
skipped 0

fresh_bad
exchange "$bad"/seed0000/{gr/gr,newton/newton}_snap000_phi.h5
refused "two gravities are exchanged, with tables beside" seed0000/gr/gr_snap000_phi.h5 gr_pk000_phi.dat

fresh_bad
exchange "$bad"/seed0002/gr/gr_snap00{0,1}_phi.h5
refused "two redshifts are exchanged" seed0002/gr/gr_snap001_phi.h5 seed0002/gr/gr_snap000_phi.h5 "redshift"
skipped 2

fresh_bad
exchange "$bad"/seed000{1,2}/newton/newton_snap000_phi.h5
refused "the cubes of two seeds are exchanged" seed0001/newton/newton_snap000_phi.h5 "another seed"
skipped "1 2"

fresh_bad
cp "$bad/seed0003/gr/gr_snap000_phi.h5" "$bad/seed0003/newton/newton_snap000_phi.h5"
refused "a copy within a pair" seed0003/newton/newton_snap000_phi.h5 "same values" seed0003/gr/gr_snap000_phi.h5

fresh_bad
cp "$bad"/seed000{3,4}/gr/gr_snap001_phi.h5
cp "$bad"/seed000{3,4}/newton/newton_snap001_phi.h5
cp "$bad"/seed000{3,4}/gr/gr_snap000_phi.h5
cp "$bad"/seed000{3,4}/newton/newton_snap000_phi.h5
refused "a copy of another seed" seed0003 "same values" seed0004
skipped "3 4"

fresh_bad
spoil "$bad/seed0005/gr/gr_snap001_phi.h5" '\000\000\200\100'
refused "a value a hundred thousand times too large" seed0005/gr/gr_snap001_phi.h5 "[19, 17, 0] is 4," "proportion"
skipped 5

fresh_bad
for cube in "$bad"/seed0004/*/*_snap001_phi.h5; do "$PHISCOPE_PROBE" scale "$cube" 1e30; done
refused "a pair 1e30 times too large" seed0004/ "root mean square"
skipped 4

fresh_bad
for factor in 1e110 1e155 1e-200; do
  cp "$good/seed0004/gr/gr_snap001_phi.h5" "$bad/seed0004/gr/"
  "$PHISCOPE_PROBE" scale "$bad/seed0004/gr/gr_snap001_phi.h5" "$factor"
  refused "values of the order of $factor" seed0004/gr/gr_snap001_phi.h5 "values are too"
done
say "the same command succeeds once the cube is mended"
cp "$good/seed0004/gr/gr_snap001_phi.h5" "$bad/seed0004/gr/"
quietly log measure "$bad" out
expect_same_bytes out whole statistics.h5

say "half a cube of any field, in the one-off command"
fresh_bad
cube=$bad/seed0001/newton/newton_snap001_phi.h5
dd if=/dev/zero of="$cube" bs=1024 seek=66 count=64 conv=notrunc status=none
expect_code 1 log on_ranks "$ranks" power "$cube" --box 2560
expect_in log "$cube: all cells of planes 16 to 31"

# --- a cube that changes between stages

fresh_bad
cp -r whole out
say "other times alone are no change"
find "$bad" -name '*.h5' -exec touch -d '2001-02-03' {} +
quietly log measure "$bad" out
expect_in log 'measure: done before'
expect_not_in log changed

changed=$bad/seed0004/gr/gr_snap001_phi.h5
"$PHISCOPE_PROBE" scale "$changed" 1.001
say "training on other cubes than were measured"
expect_code 1 log on_ranks "$ranks" train "${study[@]}" --set "simulations.root=$bad" --output out
expect_in log "error: $changed: has changed since it was measured" "phiscope measure"
expect_same_bytes out whole statistics.h5
say "measuring again"
quietly log measure "$bad" out
expect_in log "$changed: has changed since it was measured" "seed 4 is measured again"
if cmp -s out/statistics.h5 whole/statistics.h5; then fail "the changed cube was not measured"; fi
cp "$good/seed0004/gr/gr_snap001_phi.h5" "$changed"
quietly log measure "$bad" out
expect_same_bytes out whole statistics.h5

say "evaluating with another cube than before"
learnt=(run "${study[@]}" --set "simulations.root=$bad" --set training.epochs=1 --set stages=train,evaluate)
quietly log on_ranks "$ranks" "${learnt[@]}" --output learnt
checksums learnt >learnt_sums
for seed in 0001 0004 0005; do # of the training, validation and test seeds
  cube=$bad/seed$seed/newton/newton_snap000_phi.h5
  "$PHISCOPE_PROBE" scale "$cube" 1.001
  expect_code 1 log on_ranks "$ranks" "${learnt[@]}" --output learnt
  expect_in log "error: $cube: has changed since a network was trained or evaluated with it" "--output"
  checksums learnt | diff learnt_sums - || fail "the results of the earlier run were changed"
  cp "$good/seed$seed/newton/newton_snap000_phi.h5" "$cube"
done
quietly log on_ranks "$ranks" "${learnt[@]}" --output learnt
expect_in log 'train: done before' 'evaluate: done before'
say "training on a bad cube"
exchange "$bad"/seed0000/gr/gr_snap00{0,1}_phi.h5
expect_code 1 log on_ranks "$ranks" "${learnt[@]}" --output other
expect_in log seed0000/gr/gr_snap00 seed0000/gr/gr_pk00
exchange "$bad"/seed0000/gr/gr_snap00{0,1}_phi.h5
for cube in "$bad"/seed0001/*/*_phi.h5; do "$PHISCOPE_PROBE" scale "$cube" 1e5; done
expect_code 1 log on_ranks "$ranks" "${learnt[@]}" --output other
expect_in log seed0001/ "root mean square"
"$PHISCOPE_PROBE" scale "$bad/seed0002/gr/gr_snap001_phi.h5" 1e150
expect_code 1 log on_ranks "$ranks" "${learnt[@]}" --output other
expect_in log seed0002/gr/gr_snap001_phi.h5 "root mean square"
expect_no_temporaries .
