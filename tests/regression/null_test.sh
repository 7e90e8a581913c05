#!/usr/bin/env bash
# The null test: both classes newton, of different seeds. A network that tells them apart on seeds it has not seen has
# found a leak.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

quietly log on_ranks 2 run "$source_root/config/quickstart.yaml" --output run \
  --set "simulations.root=$pairs" --set "network.file=$source_root/config/networks/small.yaml" \
  --set dataset.null_test=true --set dataset.split.train=0-5 --set dataset.split.validation=6-7 \
  --set dataset.split.test=8-19 --set training.epochs=3 --set stages=train,evaluate

# Six pairs of seeds, two cubes each.
expect_equal "$(json run/evaluation.json /test/cube/samples)" 12 "the scored cubes"
accuracy=$(json run/evaluation.json /test/slice/accuracy)
error=$(json run/evaluation.json /test/slice/accuracy_error)
say "accuracy of the slices $accuracy ± $error"
expect_that "$error > 0 && $error < 0.3" "the error of the accuracy"
expect_that "($accuracy - 0.5)^2 <= (3 * $error)^2" "the accuracy of the null test is one half within three errors"

say "the study without GR runs does the null test too"
copy_pairs newton_only 0 1 2 3 4 5
rm -r newton_only/seed*/gr
quietly log_newton on_ranks 2 run "$tiny" --output newton --set "simulations.root=$PHISCOPE_WORK/newton_only" \
  --set simulations.gravities=newton --set dataset.null_test=true --set dataset.split.train=0-1 \
  --set dataset.split.validation=2-3 --set dataset.split.test=4-5
expect_file newton/evaluation.json
expect_shape newton/statistics.h5 catalogue/gravity 1
