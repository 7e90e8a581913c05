#!/usr/bin/env bash
# Bad input is named, never computed on: bad_input.sh RANKS. In every case the program ends soon, with the promised exit
# status and one line of error that names what was found and expected; the results of an earlier run stay as they are.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

ranks=$1
good=$PHISCOPE_WORK/good
bad=$PHISCOPE_WORK/bad
base=$PHISCOPE_WORK/base.yaml
network=$tests/tiny_network.yaml
copy_pairs "$good" 0 1 2 3 4 5
tiny_study "$good" >"$base"

quietly log_earlier on_ranks 1 run "$base" --output earlier
checksums earlier >earlier_sums
quietly log_measured on_ranks 1 measure "$base" --output measured
checksums measured | grep -v -e provenance.json -e study.yaml >measured_sums

# In the folder of an earlier run, whose results must not change.
rejected_in_earlier() {
  rejected "$@" --output earlier
  checksums earlier | diff earlier_sums - || fail "$1: the results of the earlier run were changed"
}

fresh_bad() {
  rm -rf "$bad"
  cp -r "$good" "$bad"
}

on_bad=(run "$base" --set "simulations.root=$bad")

# --- simulations

fresh_bad
rm "$bad/seed0003/gr/gr_snap001_phi.h5"
rejected_in_earlier "a cube of a pair is missing" "$bad/seed0003/gr/gr_snap001_phi.h5: missing" "redshift 1" -- "${on_bad[@]}"

fresh_bad
rm -r "$bad/seed0005/newton"
rejected_in_earlier "a run of a pair is missing" "$bad/seed0005/newton: missing" -- "${on_bad[@]}"

fresh_bad
rm -r "$bad/seed0002"
rejected_in_earlier "a seed is missing" "$bad/seed0002" "seed 2 is missing" -- "${on_bad[@]}"

rejected_in_earlier "no simulations at all" "$PHISCOPE_WORK/nowhere: no such folder" -- \
  run "$base" --set "simulations.root=$PHISCOPE_WORK/nowhere"

fresh_bad
truncate -s 70000 "$bad/seed0001/newton/newton_snap000_phi.h5"
rejected_in_earlier "a cube is truncated" "$bad/seed0001/newton/newton_snap000_phi.h5" "truncated" "70000" -- "${on_bad[@]}"

fresh_bad
: >"$bad/seed0001/newton/newton_snap000_phi.h5"
rejected_in_earlier "a cube is empty" "$bad/seed0001/newton/newton_snap000_phi.h5" "empty" -- "${on_bad[@]}"

fresh_bad
"$PHISCOPE_PROBE" cube "$bad/seed0004/gr/gr_snap000_phi.h5" 16
rejected_in_earlier "a cube has the wrong shape" "$bad/seed0004/gr/gr_snap000_phi.h5" "16×16×16" "32" -- "${on_bad[@]}"

fresh_bad
head -c 5000 /dev/zero >"$bad/seed0000/gr/gr_snap000_phi.h5"
rejected_in_earlier "a cube is not HDF5" "$bad/seed0000/gr/gr_snap000_phi.h5" -- "${on_bad[@]}"

# says KEY VALUE: a run of seed 2 contradicts the study
says() {
  fresh_bad
  ini=$bad/seed0002/gr/gr_settings_used.ini
  sed -i "s/^$1 = .*/$1 = $2/" "$ini"
  line=$(grep -n "^$1 =" "$ini" | cut -d: -f1)
}
says boxsize 5120.0
rejected_in_earlier "another box" "$ini:$line: " 5120 2560 -- "${on_bad[@]}"
says seed 77
rejected_in_earlier "another seed" "$ini:$line: " 77 2 -- "${on_bad[@]}"
says "gravity theory" Newton
rejected_in_earlier "another gravity" "$ini:$line: " newton gr -- "${on_bad[@]}"
says Ngrid 64
rejected_in_earlier "another grid" "$ini:$line: " 64 32 -- "${on_bad[@]}"
says "snapshot redshifts" "10, 2"
rejected_in_earlier "other redshifts" "$ini:$line: " "redshift 1 " "10, 2" -- "${on_bad[@]}"
says omega_cdm 0.13
rejected_in_earlier "another cosmology" "$ini:$line: " 0.13 0.12038 -- "${on_bad[@]}"
says A_s banana
rejected_in_earlier "a value that is no number" "$ini:$line: " banana -- "${on_bad[@]}"
rejected_in_earlier "a cosmology that the study denies" gr_settings_used.ini "0.67556" "cosmology.h" "0.7" -- \
  run "$base" --set cosmology.h=0.7
rejected_in_earlier "a redshift that was not simulated" gr_settings_used.ini "redshift 5 " "10, 1" -- \
  run "$base" --set simulations.redshifts=10,5

for value in 'NaN \000\000\300\177 nan' 'Inf \000\000\200\177 inf'; do
  read -r name bytes word <<<"$value"
  fresh_bad
  cube=$bad/seed0001/gr/gr_snap001_phi.h5
  spoil "$cube" "$bytes"
  rm -rf fresh
  rejected "$name in a cube, when measuring" "$cube" "$word" "not finite" -- \
    measure "$base" --set "simulations.root=$bad" --output fresh
  [[ ! -e fresh/statistics.h5 ]] || fail "$name was computed on"
  rejected "$name in a cube, when training" "$cube" "$word" "not finite" -- \
    train "$base" --set "simulations.root=$bad" --output measured
  checksums measured | grep -v -e provenance.json -e study.yaml | diff measured_sums - ||
    fail "$name: the results of the earlier stage were changed"
done

# --- settings

# edited SED: base.yaml changed; $line is the first line that differs
edited() {
  sed "$1" "$base" >edited.yaml
  line=$({ diff "$base" edited.yaml || true; } | sed -n '1s/^\([0-9]*\).*/\1/p')
}
edited 's/  epochs: 2/  epocs: 2/'
rejected_in_earlier "an unknown setting" "edited.yaml:$line: " "training.epocs" "did you mean 'training.epochs'" -- run edited.yaml
edited 's/^training:/trainig:/'
rejected_in_earlier "an unknown section" "edited.yaml:$line: " "did you mean 'training'" -- run edited.yaml
edited 's/  epochs: 2/  epochs: many/'
rejected_in_earlier "a word instead of a number" "edited.yaml:$line: training.epochs" "many" "integer" -- run edited.yaml
edited 's/  epochs: 2/  epochs: 1.5/'
rejected_in_earlier "a fraction of an epoch" "edited.yaml:$line: training.epochs" "1.5" "integer" -- run edited.yaml
edited 's/  epochs: 2/  epochs: 0/'
rejected_in_earlier "a number out of range" "edited.yaml:$line: training.epochs" "0" "1" -- run edited.yaml
edited 's/  epochs: 2/  epochs: [2, 3]/'
rejected_in_earlier "a list instead of a number" "edited.yaml:$line: training.epochs" "list" -- run edited.yaml
edited 's/  lanes: 4/  batch: 32/'
rejected_in_earlier "a setting given twice" "edited.yaml:$line: " "training.batch" "twice" -- run edited.yaml
edited 's/transform: growth_difference/transform: growth_diference/'
rejected_in_earlier "a misspelt choice" "edited.yaml:$line: " "growth_diference" "did you mean 'growth_difference'" -- run edited.yaml
edited 's/^training:/training: {/'
rejected_in_earlier "not YAML" "edited.yaml:" "not YAML" -- run edited.yaml
head -c 300 "$PHISCOPE" >binary.yaml
rejected_in_earlier "a program instead of a study" "binary.yaml" -- run binary.yaml
: >empty.yaml
rejected_in_earlier "an empty study" "empty.yaml" -- run empty.yaml
rejected_in_earlier "no study" "absent.yaml" -- run absent.yaml
rejected_in_earlier "a folder instead of a study" "earlier" -- run earlier

rejected_in_earlier "a misspelt override" "--set training.epoch=3" "did you mean 'training.epochs'" -- \
  run "$base" --set training.epoch=3
rejected_in_earlier "an override without a value" "--set training.epochs" "path.to.key=value" -- \
  run "$base" --set training.epochs
rejected_in_earlier "an override of the wrong type" "--set training.batch=big" "integer" -- \
  run "$base" --set training.batch=big
rejected_in_earlier "overlapping splits" "seed 4" "train" "validation" -- run "$base" --set dataset.split.train=0-4
rejected_in_earlier "a seed that was not simulated" "dataset.split.test" "seed 9" -- run "$base" --set dataset.split.test=5,9
rejected_in_earlier "an empty split" "dataset.split.test" "empty" -- run "$base" --set dataset.split.test=
rejected_in_earlier "a batch that lanes do not divide" "training.batch is 36" "multiple of 8" -- run "$base" --set training.batch=36
rejected_in_earlier "lanes that are no power of two" "training.lanes is 6" "power of two" -- run "$base" --set training.lanes=6
rejected_in_earlier "one gravity alone" "simulations.gravities" "both gr and newton" -- run "$base" --set simulations.gravities=gr
rejected_in_earlier "an unknown optimiser" "training.optimizer.name" "adm" "adam" -- run "$base" --set training.optimizer.name=adm
rejected_in_earlier "a team larger than the world" "measure.ranks_per_cube is 2" "$ranks ranks" -- \
  run "$base" --set measure.ranks_per_cube=2
rm -rf fresh
rejected "a batch larger than the training set" "training.batch" "100000" -- \
  run "$base" --set training.batch=100000 --output fresh
rejected_in_earlier "results of other settings" "model.safetensors" "training.seed: 7" "training.seed: 8" -- \
  run "$base" --set training.seed=8

# --- spectra: said before anything is measured

spectra() { # spectra NAME TEXT… -- ARGUMENT…: of a study that only measures, without any earlier results
  rm -rf fresh
  rejected "$@" --output fresh
  [[ ! -e fresh/statistics.h5 && ! -e fresh/study.yaml ]] || fail "$1: something was written"
}
spectra "triangles that alias" "measure.bispectrum" "aliasing" -- measure "$base" --set measure.bispectrum.k_max=0.03
spectra "triangles beyond the Nyquist frequency" "measure.bispectrum" "Nyquist" -- \
  measure "$base" --set measure.bispectrum.k_max=0.05 --set measure.bispectrum.aliasing=pad
spectra "a list that is missing" "measure.bispectrum" "absent.csv" -- \
  measure "$base" --set measure.bispectrum.triangles=file --set measure.bispectrum.file=absent.csv
printf 'k1,k2,k3\n0.01,0.01,0.01\n0.01,0.01,0.03\n' >sides.csv
spectra "a triangle that does not close" "measure.bispectrum" "triangle 2" -- \
  measure "$base" --set measure.bispectrum.triangles=file --set "measure.bispectrum.file=sides.csv"
printf 'k1,k2,k3\n0.01,wide,0.01\n' >sides.csv
spectra "a side that is no number" "sides.csv:2" "wide" -- \
  measure "$base" --set measure.bispectrum.triangles=file --set "measure.bispectrum.file=sides.csv"
spectra "a list that nothing uses" "measure.bispectrum.file" -- measure "$base" --set "measure.bispectrum.file=sides.csv"
spectra "isosceles triangles without an angle" "measure.bispectrum.angles" -- \
  measure "$base" --set measure.bispectrum.shapes=isosceles
spectra "edges that are not asked for" "measure.power.edges" "spacing" -- measure "$base" --set measure.power.edges=0.01,0.02
spectra "edges that do not ascend" "measure.power" "ascend" -- \
  measure "$base" --set measure.power.spacing=edges --set measure.power.edges=0.02,0.01
spectra "a transfer table that is none" "base.yaml" -- measure "$base" --set "cosmology.transfer=$base"
rejected "spectra of other triangles" "statistics.h5" "measure.bispectrum.bin_width" -- \
  measure "$base" --output measured --set measure.bispectrum.bin_width=2

# --- networks

rejected_in_earlier "no network" "absent_network.yaml" -- run "$base" --set network.file=absent_network.yaml
# edited_network SED: the network changed, and its first line that differs
edited_network() {
  sed "$1" "$network" >network.yaml
  line=$({ diff "$network" network.yaml || true; } | sed -n '1s/^\([0-9]*\).*/\1/p')
}
edited_network 's/leaky_relu/leaky_rely/'
rejected_in_earlier "a misspelt layer" "network.yaml:$line" "leaky_rely" "leaky_relu" -- run "$base" --set network.file=network.yaml
edited_network 's/kernel: 3/kernell: 3/'
rejected_in_earlier "a misspelt setting of a layer" "network.yaml:$line" "kernell" "kernel" -- run "$base" --set network.file=network.yaml
edited_network 's/values: 1/values: 2/'
rejected_in_earlier "a network that gives two values" "network.yaml" "2 values" -- run "$base" --set network.file=network.yaml
edited_network 's|size/2|3*size|'
rejected_in_earlier "a kernel larger than the image" "network.yaml:$line" -- run "$base" --set network.file=network.yaml

# --- run directories

rejected "an output below a file" "base.yaml/run" "run directory" -- run "$base" --output "$base/run"
rejected "an output where nobody can write" "/proc/phiscope" "run directory" -- run "$base" --output /proc/phiscope
rejected "scores before training" "model.safetensors" "phiscope train" -- evaluate "$base" --output measured
cp -r earlier damaged
rm damaged/evaluation.h5
truncate -s 700 damaged/model.safetensors
rejected "a damaged model" "damaged/model.safetensors" "damaged" -- evaluate "$base" --output damaged
rm damaged/model.safetensors
truncate -s 700 damaged/checkpoints/last.ckpt
rejected "a damaged checkpoint" "damaged/checkpoints/last.ckpt" "damaged" -- train "$base" --output damaged

"$PHISCOPE" train "$base" --set training.epochs=100000 --output busy >log_busy 2>&1 &
busy=$!
wait_for 60 grep -qE 'epoch +1 +train' busy/log.txt
rejected "another phiscope at work" "busy: another phiscope" -- run "$base" --set training.epochs=100000 --output busy
kill -USR1 "$busy"
code=0
wait "$busy" || code=$?
expect_equal "$code" 85 "the exit status of the phiscope at work, stopped"

rejected "an unknown log level" "loud" -- run "$base" --output earlier --log-level loud

# --- wrong usage: exit status 2, nothing computed

for words in "" "rum $base" "run" "run $base --outptu earlier" "run $base --set" "power" "inspect"; do
  say "wrong usage: phiscope $words"
  read -ra arguments <<<"$words"
  expect_code 2 log on_ranks "$ranks" "${arguments[@]}"
done
rejected "inspecting what is not there" "absent.h5" -- inspect absent.h5
rejected "inspecting what is not ours" "base.yaml" -- inspect "$base"
expect_no_temporaries .
