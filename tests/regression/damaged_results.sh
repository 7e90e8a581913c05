#!/usr/bin/env bash
# Nothing of ours is believed without its checksum: damaged_results.sh RANKS. Bits are flipped in every result of a study.
# The same command then ends with the same bytes as before, and names what it made anew; or it is refused, saying what
# can be done.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

ranks=$1
study=("$tiny" --set simulations.seeds=0-2 --set dataset.split.train=0 --set dataset.split.validation=1
  --set dataset.split.test=2 --set simulations.redshifts=1 --set dataset.transform=phi --set training.batch=8
  --set evaluation.bootstrap=10)
quietly log_whole on_ranks "$ranks" run "${study[@]}" --output whole
kept=("${timeless[@]}" units/normalisation.h5 units/power_seed000{0,1,2}.h5 metrics.jsonl)

# flip FILE TENTHS: changes one bit, TENTHS tenths of the way through the file
flip() {
  local size byte place
  size=$(stat -c %s "$1")
  place=$(((size - 1) * $2 / 10))
  byte=$(od -An -tu1 -j "$place" -N1 "$1")
  # shellcheck disable=SC2059 # the byte is the format
  printf "\\$(printf %03o $((byte ^ (1 << ($2 % 8)))))" | dd of="$1" bs=1 seek="$place" conv=notrunc status=none
}

fresh() {
  rm -rf damaged
  cp -r whole damaged
}

# made_anew NAME FILE…: the same command names the files and ends with the bytes of the undamaged study
made_anew() {
  local name=$1 file
  shift
  quietly log_again on_ranks "$ranks" run "${study[@]}" --output damaged
  expect_in log_again "$@"
  for file in "${kept[@]}"; do
    cmp "whole/$file" "damaged/$file" || { cat log_again >&2; fail "$name: $file differs"; }
  done
  expect_no_temporaries damaged
}

# refused NAME STAGE TEXT…: exit status 1, with one line that holds every text
refused() {
  local name=$1 stage=$2
  shift 2
  expect_code 1 log_refused on_ranks "$ranks" "$stage" "${study[@]}" --output damaged
  expect_one_error log_refused "$name" "$@"
}

# Every result at once, at another place each time; the statistics are gone for once, or the units would not be needed.
places=(0 1 3 5 7 9 10)
((ranks == 1)) || places=(4)
for tenths in "${places[@]}"; do
  say "bits $tenths tenths through each result"
  fresh
  for file in "${kept[@]}"; do [[ -L damaged/$file ]] || flip "damaged/$file" "$tenths"; done
  rm damaged/units/power_seed0001.h5
  made_anew "results" statistics.h5 evaluation.h5 explanation.h5 power_seed0000.h5 power_seed0002.h5 model.safetensors
done

# One at a time: what depends on it is not made again.
one() { # one NAME FILE TEXT…
  local name=$1
  say "$name"
  fresh
  shift
  [[ $1 == - ]] || flip "damaged/$1" 5
  shift
  made_anew "$name" "$@"
}
one "the note of the cubes" units/cubes.json "units/cubes.json: damaged"
[[ ! -e damaged/units/cubes.json ]] || fail "the damaged note is still there"
one "statistics.h5 alone" statistics.h5 "statistics.h5: damaged" "train: done before" "explain: done before"
one "evaluation.h5 alone" evaluation.h5 "evaluation.h5: damaged" "measure: done before" "explain: done before"
one "evaluation.json alone" evaluation.json "evaluation.json: missing or damaged" "train: done before"
one "metrics.jsonl alone" metrics.jsonl "metrics.jsonl: damaged" "train: done before"
one "explanation.h5 alone" explanation.h5 "explanation.h5: damaged" "evaluate: done before"
one "the model alone" model.safetensors "model.safetensors: damaged" "measure: done before" "evaluate: done before"
fresh
for name in evaluation.json metrics.jsonl; do echo garbage >"damaged/$name"; done
made_anew "garbage" evaluation.json metrics.jsonl

say "units that are not what they should be"
fresh
rm damaged/statistics.h5
cp whole/units/power_seed0000.h5 damaged/units/power_seed0002.h5
cp whole/units/power_seed0002.h5 damaged/units/power_seed0000.h5
echo foreign >damaged/units/power_seed01.h5
echo foreign >damaged/units/notes.txt
made_anew "units exchanged" "holds the spectra of seed 2, expected seed 0" "holds the spectra of seed 0, expected seed 2"
fresh
rm damaged/statistics.h5
"$PHISCOPE_PROBE" set damaged/units/power_seed0000.h5 power/p nan
"$PHISCOPE_PROBE" remove damaged/units/power_seed0001.h5 bispectrum/q
"$PHISCOPE_PROBE" set damaged/units/power_seed0002.h5 power/p nan
"$PHISCOPE_PROBE" seal damaged/units/power_seed0002.h5
made_anew "units that another program changed" power_seed0000.h5 power_seed0001.h5 "power_seed0002.h5: it holds a value"
fresh
rm damaged/statistics.h5
"$PHISCOPE_PROBE" remove damaged/units/power_seed0001.h5 slice/p
"$PHISCOPE_PROBE" seal damaged/units/power_seed0001.h5
refused "a unit without a dataset" measure power_seed0001.h5 slice/p "remove the file and run the same command"

# --- what is needed and not made anew by the command is refused with what does it

say "refusals"
fresh
flip damaged/model.safetensors 7
rm damaged/evaluation.h5
refused "a damaged model" evaluate "damaged/model.safetensors: damaged" "phiscope train"
rm damaged/model.safetensors
flip damaged/checkpoints/last.ckpt 6
refused "a damaged checkpoint" train "damaged/checkpoints/last.ckpt: damaged" "remove this file to begin the training anew"
cp damaged/checkpoints/last.ckpt damaged/checkpoints/epoch_0002.ckpt
cp whole/checkpoints/last.ckpt damaged/checkpoints/epoch_0001.ckpt
refused "a damaged checkpoint beside one that is kept" train "copy epoch_0001.ckpt over it"
cp damaged/checkpoints/epoch_0001.ckpt damaged/checkpoints/last.ckpt
flip damaged/checkpoints/best.ckpt 6
refused "damaged best weights" train "damaged/checkpoints/best.ckpt: damaged" "remove damaged/checkpoints to begin"
rm -r damaged/checkpoints
quietly log_again on_ranks "$ranks" run "${study[@]}" --output damaged
expect_same_bytes whole damaged "${timeless[@]}"

fresh
flip damaged/explanation.h5 4
refused "a report of a damaged result" report "damaged/explanation.h5: damaged" "phiscope explain"

# --- a pack: its index and its parts

say "a damaged pack"
pack() { on_ranks "$ranks" pack "${study[@]}" --output packed --file "$PHISCOPE_WORK/cubes.h5"; }
quietly log_pack pack
cp -r cubes.h5.parts parts
cp cubes.h5 index
fresh
rm damaged/{model.safetensors,evaluation.h5,explanation.h5} damaged/units/normalisation.h5
cp parts/seed0001.h5 cubes.h5.parts/seed0000.h5
study+=(--set "dataset.packed=$PHISCOPE_WORK/cubes.h5")
rm -r damaged/checkpoints
refused "parts exchanged" run "cubes.h5.parts/seed0000.h5" "phiscope pack"
flip cubes.h5.parts/seed0002.h5 5
flip cubes.h5 5
refused "a damaged index" run "cubes.h5: damaged" "phiscope pack"
unset 'study[-1]' 'study[-1]'
quietly log_pack pack
expect_in log_pack "cubes.h5: damaged" "seed0000.h5: it holds the cubes of seed 1" "seed0002.h5: damaged"
cmp index cubes.h5
for part in parts/*; do cmp "$part" "cubes.h5.parts/${part#parts/}"; done
