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

say "a cube that does not belong to the table beside it is not packed"
copy_pairs sims 0 1 2 3 4 5
changed=(--set "simulations.root=$PHISCOPE_WORK/sims")
cp sims/seed0000/gr/gr_snap001_phi.h5 kept.h5
cp sims/seed0000/gr/gr_snap000_phi.h5 sims/seed0000/gr/gr_snap001_phi.h5
expect_code 1 log_swapped on_ranks 2 pack "$tiny" "${changed[@]}" --output packed -o "$PWD/changed.h5"
expect_in log_swapped 'seed0000/gr/gr_snap001_phi.h5: k³P' 'gr_pk001_phi.dat'

say "a cube that was replaced since it was packed is noticed, and packed again"
cp kept.h5 sims/seed0000/gr/gr_snap001_phi.h5
quietly log_packed on_ranks 2 pack "$tiny" "${changed[@]}" --output packed -o "$PWD/changed.h5"
"$PHISCOPE_PROBE" scale sims/seed0000/gr/gr_snap001_phi.h5 1.0001
for ranks in 1 2; do
  expect_code 1 log_stale on_ranks $ranks run "${study[@]}" "${changed[@]}" --output stale --set "dataset.packed=$PWD/changed.h5"
  expect_in log_stale 'seed0000/gr/gr_snap001_phi.h5: has changed since it was packed' 'phiscope pack'
done
quietly log_repacked on_ranks 2 pack "$tiny" "${changed[@]}" --output packed -o "$PWD/changed.h5"
expect_in log_repacked 'has changed since it was packed' 'seed 0 is packed again'
expect_not_in log_repacked 'seed 1 is packed again'
quietly log_trained on_ranks 2 run "${study[@]}" "${changed[@]}" --output trained --set "dataset.packed=$PWD/changed.h5"

say "nor after a network was trained with it"
cp kept.h5 sims/seed0000/gr/gr_snap001_phi.h5
expect_code 1 log_evaluate on_ranks 1 evaluate "$tiny" "${changed[@]}" --set training.epochs=1 --output trained \
  --set "dataset.packed=$PWD/changed.h5"
expect_in log_evaluate 'seed0000/gr/gr_snap001_phi.h5: has changed since a network was trained'
