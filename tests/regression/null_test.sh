#!/usr/bin/env bash
# The null test: both classes newton, of different seeds. A network that tells them apart on seeds it has not seen has
# found a leak; and where a leak is planted, the same network must find it, or the null test would say nothing.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

# null_test FOLDER ROOT SETTING…: trains on three pairs of seeds and scores six others, two cubes each
null_test() {
  local folder=$1 root=$2
  shift 2
  quietly "log_$folder" on_ranks 2 run "$source_root/config/quickstart.yaml" --output "$folder" \
    --set "simulations.root=$root" --set "network.file=$source_root/config/networks/small.yaml" \
    --set dataset.null_test=true --set dataset.split.train=0-5 --set dataset.split.validation=6-7 \
    --set dataset.split.test=8-19 --set training.epochs=3 --set stages=train,evaluate "$@"
  expect_equal "$(json "$folder/evaluation.json" /test/cube/samples)" 12 "the scored cubes"
}

# expect_chance FOLDER: the slices are told apart as by a coin
expect_chance() {
  local accuracy error
  accuracy=$(json "$1/evaluation.json" /test/slice/accuracy)
  error=$(json "$1/evaluation.json" /test/slice/accuracy_error)
  say "$1: accuracy of the slices $accuracy ± $error"
  expect_that "$error > 0 && $error < 0.3" "the error of the accuracy"
  expect_that "($accuracy - 0.5)^2 <= (3 * $error)^2" "the accuracy of the null test is one half within three errors"
}

# expect_both_classes FOLDER: a network that says one thing of every slice is at one half whatever leaks
expect_both_classes() {
  local confusion called_newton called_gr total
  confusion=$(json "$1/evaluation.json" /test/slice/confusion | tr -c '0-9\n' ' ')
  called_newton=$(awk '{ print $1 + $3 }' <<<"$confusion")
  called_gr=$(awk '{ print $2 + $4 }' <<<"$confusion")
  total=$((called_newton + called_gr))
  say "$1: $called_newton slices called newton, $called_gr called gr"
  expect_that "$called_newton >= 0.05 * $total && $called_gr >= 0.05 * $total" "both classes are seen"
}

null_test clean "$pairs"
expect_chance clean
expect_both_classes clean

say "the mean, kept, tells no two newtonian runs apart"
null_test mean_kept "$pairs" --set dataset.remove_mean=false
expect_chance mean_kept

say "a planted leak is found: every second seed's cubes are those of gr, whose mean is not zero"
copy_pairs planted {0..19}
for ((seed = 1; seed < 20; seed += 2)); do
  folder=planted/$(printf 'seed%04d' "$seed")
  for snapshot in 000 001; do cp "$folder/gr/gr_snap${snapshot}_phi.h5" "$folder/newton/newton_snap${snapshot}_phi.h5"; done
done
null_test leak "$PHISCOPE_WORK/planted" --set dataset.remove_mean=false
accuracy=$(json leak/evaluation.json /test/cube/accuracy)
say "leak: accuracy of the cubes $accuracy, of the slices $(json leak/evaluation.json /test/slice/accuracy)"
expect_that "$accuracy > 0.9" "the planted leak is found"

say "the default, the mean removed, closes it"
null_test closed "$PHISCOPE_WORK/planted"
expect_chance closed

say "the study without GR runs does the null test too"
copy_pairs newton_only 0 1 2 3 4 5
rm -r newton_only/seed*/gr
quietly log_newton on_ranks 2 run "$tiny" --output newton --set "simulations.root=$PHISCOPE_WORK/newton_only" \
  --set simulations.gravities=newton --set dataset.null_test=true --set dataset.split.train=0-1 \
  --set dataset.split.validation=2-3 --set dataset.split.test=4-5
expect_file newton/evaluation.json
expect_shape newton/statistics.h5 catalogue/gravity 1
