#!/usr/bin/env bash
# Packed cubes train to the same bits as those of the simulations, packing goes on where it was stopped, and a file of
# other cubes is refused.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

study=("$tiny" --set "stages=train,evaluate" --set training.epochs=1)

say "float32 is the same to the bit, float16 almost"
quietly log_plain on_ranks 1 run "${study[@]}" --output plain
for format in float32 float16; do
  quietly "log_pack_$format" on_ranks 2 pack "$tiny" --output "$format" -o "$PWD/$format.h5" --format "$format"
  expect_in "log_pack_$format" 'pack: 12 cubes of 6 seeds'
  expect_shape "$format.h5.parts/seed0005.h5" newton 1x32x32x32
  quietly "log_$format" on_ranks 2 run "${study[@]}" --output "$format" --set "dataset.packed=$PWD/$format.h5"
done
expect_same_bytes plain float32 model.safetensors evaluation.json
if cmp -s plain/model.safetensors float16/model.safetensors; then fail "float16 rounds nothing"; fi
plain=$(json plain/evaluation.json /test/slice/loss) rounded=$(json float16/evaluation.json /test/slice/loss)
expect_that "($plain - $rounded)^2 < (0.001 * $plain)^2" "the loss from float16 cubes is that of the cubes"

say "the same cubes on any number of ranks"
quietly log_one on_ranks 1 pack "$tiny" --output one -o "$PWD/one.h5" --format float16
for part in one.h5.parts/*; do expect_same_bytes one.h5.parts float16.h5.parts "$(basename "$part")"; done
cmp one.h5 float16.h5 || fail "the files say different things"

say "what is there is kept, what is missing is made again"
rm one.h5 one.h5.parts/seed0003.h5
stat -c '%n %i %Y' one.h5.parts/* >before
quietly log_again on_ranks 2 pack "$tiny" --output one -o "$PWD/one.h5" --format float16
cmp one.h5.parts/seed0003.h5 float16.h5.parts/seed0003.h5 || fail "the part made again differs"
stat -c '%n %i %Y' one.h5.parts/* | grep -v seed0003 >after
diff before after || fail "parts were written anew"

say "more seeds are added, and earlier ones stay"
quietly log_few on_ranks 2 pack "$tiny" --output few -o "$PWD/few.h5" --set dataset.split.train=0
expect_shape few.h5 seed 3
quietly log_more on_ranks 2 pack "$tiny" --output few -o "$PWD/few.h5" --set dataset.split.train=1-3
expect_shape few.h5 seed 6

say "a file of other cubes is refused on every rank"
expect_code 1 log_other on_ranks 2 run "${study[@]}" --output other --set "dataset.packed=$PWD/float32.h5" \
  --set dataset.transform=phi
expect_in log_other 'it was packed from other cubes' 'dataset.transform: growth_difference' 'dataset.transform: phi'
expect_code 1 log_repack on_ranks 2 pack "$tiny" --output other -o "$PWD/float32.h5" --format float16
expect_in log_repack 'values: float32' 'values: float16'
quietly log_lack on_ranks 1 pack "$tiny" --output lack -o "$PWD/lack.h5" --set dataset.split.train=0-2
expect_code 1 log_missing on_ranks 2 run "${study[@]}" --output other --set "dataset.packed=$PWD/lack.h5"
expect_in log_missing 'seed 3 of the study is not in it'
expect_code 2 log_format on_ranks 1 pack "$tiny" --format float64
