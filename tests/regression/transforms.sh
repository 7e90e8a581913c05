#!/usr/bin/env bash
# Every transform trains and is scored: the network sees one channel, or three for the gradient.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

for transform in phi gradient laplacian growth_difference; do
  say "$transform"
  quietly "log_$transform" on_ranks 2 run "$tiny" --output "$transform" --set "dataset.transform=$transform" \
    --set training.epochs=1 --set stages=train,evaluate,explain
  expect_file "$transform"/{model.safetensors,evaluation.json,explanation.h5}
  channels=1
  [[ $transform != gradient ]] || channels=3
  expect_in "log_$transform" "$channels channel"
  for split in train validation; do
    loss=$(sed -n "s/.*\"split\":\"$split\",\"loss\":\([^,]*\),.*/\1/p" "$transform/metrics.jsonl")
    expect_that "${loss:-0} > 0.1 && $loss < 3" "the $split loss of $transform"
  done
  expect_shape "$transform/explanation.h5" gradient/5/gr 32x32x32
done

say "different transforms are different networks"
for transform in phi gradient laplacian; do
  if cmp -s "$transform/model.safetensors" growth_difference/model.safetensors; then
    fail "$transform gives the network of growth_difference"
  fi
done

say "one transform's results are not taken for another's"
expect_code 1 log_other on_ranks 1 run "$tiny" --output phi --set dataset.transform=laplacian --set training.epochs=1 \
  --set stages=train
expect_in log_other 'error:' 'dataset.transform: phi' 'dataset.transform: laplacian'
