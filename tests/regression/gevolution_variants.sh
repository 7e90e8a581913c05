#!/usr/bin/env bash
# The files of gevolution and its relatives: the same cubes with other settings files, names and tables beside them give
# the same numbers, or numbers of the universe that the settings describe, or a sentence that names why not.
# shellcheck source=tests/regression/assertions.sh
# shellcheck disable=SC2016 # $a is the last line, to sed
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

study=("$tiny" --set simulations.seeds=0-4 --set measure.bispectrum.triangles=none --set dataset.split.train=0-2
  --set dataset.split.validation=3 --set dataset.split.test=4)

# variant FOLDER: a fresh copy of five pairs
variant() {
  rm -rf "$1"
  copy_pairs "$1" 0 1 2 3 4
}

# settings FOLDER EXPRESSION: edits every settings file below
settings() { find "$1" -name '*_settings_used.ini' -exec sed -i "$2" {} +; }

# measured FOLDER [ARGUMENT…]: on one rank, the tables only
measured() {
  local root=$1
  shift
  on_ranks "${ranks:-1}" measure "${study[@]}" --set "simulations.root=$PHISCOPE_WORK/$root" "$@"
}

# same_as_plain FOLDER: also gevolution's tables, in which bins without modes are NaN
same_as_plain() {
  expect_same_numbers plain/statistics.h5 "$1/statistics.h5" 0 power/p power/ratio power/linear catalogue/real_redshift
  diff <("$PHISCOPE_PROBE" values plain/statistics.h5 power/gevolution) \
    <("$PHISCOPE_PROBE" values "$1/statistics.h5" power/gevolution) >/dev/null || fail "$1: gevolution's tables differ"
}

variant sims
quietly log_plain measured sims --output plain
expect_not_in log_plain 'not known' 'no linear theory'

say "the order of the listed redshifts does not matter, nor does what the gravity theory is called"
variant ascending
settings ascending 's/^snapshot redshifts = .*/snapshot redshifts = 1, 10/; s/^Pk redshifts = .*/Pk redshifts = 1, 10/
  s/^gravity theory = GR/gravity theory = G/; s/^gravity theory = Newton/gravity theory = N/'
quietly log measured ascending --output out_ascending
same_as_plain out_ascending

say "any file base, and eleven columns of time steps"
variant bases
for folder in bases/*/*; do
  gravity=$(basename "$folder")
  for file in "$folder/${gravity}_"*; do
    name=$(basename "$file")
    case $name in
      *_snap*) mv "$file" "$folder/lcdm_cube${name#*_snap}" ;;
      *_pk*) mv "$file" "$folder/tables${name#*_pk}" ;;
      *) mv "$file" "$folder/run7_${name#*_}" ;;
    esac
  done
  sed -i 's/^generic file base = .*/generic file base = run7/; s/^snapshot file base = .*/snapshot file base = lcdm_cube/
    s/^Pk file base = .*/Pk file base = tables/' "$folder/run7_settings_used.ini"
  sed -i '/^#/!s/$/   0   0   0   0   0/' "$folder/run7_background.dat"
done
quietly log measured bases --output out_bases
same_as_plain out_bases

say "of two settings files in a folder the one with its name counts, and others are named"
cp bases/seed0001/gr/run7_settings_used.ini bases/seed0001/gr/kept_settings_used.ini
expect_code 1 log measured bases --output out_two
expect_in log "bases/seed0001/gr: two settings files, kept_settings_used.ini and run7_settings_used.ini"
mv bases/seed0001/gr/run7_settings_used.ini bases/seed0001/gr/gr_settings_used.ini
quietly log measured bases --output out_bases
same_as_plain out_bases

say "other spellings of the same radiation"
variant spelling
settings spelling 's/^N_ur = .*/N_eff = 3.046/'
quietly log measured spelling --output out_spelling
same_as_plain out_spelling

say "every key of the cosmology has an effect, or is named"
for change in 's/^k_pivot = .*/k_pivot = 0.002/' 's/^A_s = .*/A_s = 2e-9/' 's/^n_s = .*/n_s = 1/' 's/^h = .*/h = 0.7/' \
  's/^omega_b = .*/omega_b = 0.02/' 's/^omega_cdm = .*/omega_cdm = 0.11/' 's/^T_cmb = .*/T_cmb = 2.5/' \
  's/^N_ur = .*/N_ur = 9/' 's/^N_ur = .*/N_eff = 9/' 's/^boxsize = .*/boxsize = 1280/' \
  '$aOmega_fld = 0.6\nw0_fld = -0.7' '$aOmega_fld = 0.6\nw0_fld = -0.9\nwa_fld = 0.2'; do
  variant changed
  settings changed "$change"
  quietly log measured changed --output out_changed --set simulations.box_size=auto
  "$PHISCOPE_PROBE" values out_changed/statistics.h5 power/linear >changed_linear
  "$PHISCOPE_PROBE" values plain/statistics.h5 power/linear | cmp -s - changed_linear && fail "$change: has no effect"
  expect_code 1 log measured changed --output plain --set simulations.box_size=auto
  expect_in log 'other settings'
  rm -rf out_changed
done

say "a universe that is not ours is measured, and has no linear theory"
for change in '$am_ncdm = 0.06' '$aw_kessence = -0.9' '$aOmega_k = 0.01' '$aw0_fld = -0.9'; do
  variant other
  settings other "$change"
  key=${change#*a}
  quietly log measured other --output out_other
  for log in log out_other/log.txt; do
    expect_equal "$(grep -cF 'no linear theory beside the spectra' "$log")" 1 "the warnings of $key in $log"
    expect_in "$log" "'$key' in line"
  done
  expect_same_numbers plain/statistics.h5 out_other/statistics.h5 0 power/p power/ratio
  quietly contents on_ranks 1 inspect out_other/statistics.h5
  expect_in contents no_linear_theory "$key"
  expect_not_in contents power/linear
  expect_code 1 log on_ranks 1 train "${study[@]}" --set "simulations.root=$PHISCOPE_WORK/other" --output out_other
  expect_in log 'dataset.transform: growth_difference divides by the linear growth, which is not known here' "'$key' in line"
  [[ -e log_report ]] || quietly log_report on_ranks 1 report "${study[@]}" \
    --set "simulations.root=$PHISCOPE_WORK/other" --output out_other
  [[ ! -e out_other/report.html ]] || expect_in out_other/report.html 'There is no linear theory beside it' "$key"
  quietly log_train on_ranks 1 train "${study[@]}" --set "simulations.root=$PHISCOPE_WORK/other" \
    --set dataset.transform=phi --set training.epochs=1 --output out_other
  rm -rf out_other
done

say "a byte order mark"
variant marked
for file in marked/*/*/*_settings_used.ini; do
  { printf '\357\273\277k_pivot = 0.002\n'; grep -v '^k_pivot' "$file"; } >with_mark
  mv with_mark "$file"
done
quietly log measured marked --output out_marked
expect_not_in log 'not known'
"$PHISCOPE_PROBE" values out_marked/statistics.h5 power/linear >marked_linear
"$PHISCOPE_PROBE" values plain/statistics.h5 power/linear | cmp -s - marked_linear && fail "the first line has no effect"

say "an unknown key is listed once"
variant unknown
settings unknown '$aOmega_x = 0.1'
quietly log measured unknown --output out_unknown
expect_equal "$(grep -c "Omega_x" log)" 1 "the lines with the unknown key"
same_as_plain out_unknown

say "cubes that are smaller by the downgrade factor"
variant downgraded
settings downgraded 's/^Ngrid = .*/Ngrid = 64/; $adowngrade factor = 2'
# These cubes are no means of a grid of 64 cells along an axis, which the tables would have to be of.
rm downgraded/*/*/*_pk*.dat
quietly log measured downgraded --output out_downgraded
expect_same_numbers plain/statistics.h5 out_downgraded/statistics.h5 0 power/p power/ratio power/linear

say "another field"
for field in chi T00 delta; do
  variant field
  for cube in field/*/*/*_phi.h5; do mv "$cube" "${cube%_phi.h5}_$field.h5"; done
  quietly log measured field --output out_field --set simulations.field=$field
  expect_same_numbers plain/statistics.h5 out_field/statistics.h5 0 power/p
  expect_in log "no linear theory beside the spectra: it is of Φ, and simulations.field is $field"
  quietly log_train on_ranks 1 train "${study[@]}" --set "simulations.root=$PHISCOPE_WORK/field" \
    --set simulations.field=$field --set dataset.transform=phi --set training.epochs=1 --output out_field
  expect_file out_field/model.safetensors
  rm -rf out_field
done

say "a component of a vector, in cells that hold arrays and in datasets of their own, on 1 and 3 ranks"
for storage in cells datasets; do
  variant vector
  for cube in vector/*/*/*_phi.h5; do
    "$PHISCOPE_PROBE" vector "$cube" $storage
    mv "$cube" "${cube%_phi.h5}_B.h5"
  done
  for ranks in 1 3; do
    quietly log measured vector --output out_vector --set 'simulations.field=B[1]'
    expect_same_numbers plain/statistics.h5 out_vector/statistics.h5 1e-12 power/p
    rm -rf out_vector
  done
  expect_code 1 log measured vector --output out_vector --set 'simulations.field=B[3]'
  expect_in log "_B.h5: "
  expect_code 1 log measured vector --output out_vector --set simulations.field=B
  expect_in log "_B.h5: " "--channel 0" 'simulations.field: NAME[0]'
  for name in 'B[' 'B[x]' 'B[-1]' '[1]' 'B[1]x' 'B[1'; do
    expect_code 1 log measured vector --output out_vector --set "simulations.field=$name"
    expect_in log "simulations.field: '$name' names no field"
  done
  quietly log_train on_ranks 1 train "${study[@]}" --set "simulations.root=$PHISCOPE_WORK/vector" \
    --set 'simulations.field=B[1]' --set dataset.transform=phi --set training.epochs=1 --output out_vector
  expect_file out_vector/model.safetensors
  expect_code 1 log_train on_ranks 1 train "${study[@]}" --set "simulations.root=$PHISCOPE_WORK/vector" \
    --set 'simulations.field=B[0]' --set dataset.transform=phi --set training.epochs=1 --output out_vector
  expect_in log_train 'other settings'
  rm -rf out_vector
  quietly contents on_ranks 1 inspect vector
  expect_in contents 'fields B'
  quietly contents on_ranks 1 inspect vector/seed0001/gr/gr_snap001_B.h5
done
say "a value in another encoding"
variant latin_value
settings latin_value "\$amPk file = $(printf 'caf\351').dat"
quietly log on_ranks 1 run "${study[@]}" --set "simulations.root=$PHISCOPE_WORK/latin_value" --set training.epochs=1 \
  --set stages=measure,train --output out_latin_value
expect_in log 'an initial power spectrum from a file'

say "a path in another encoding, on 1 and 3 ranks"
latin=$(printf 'caf\351')
variant "$latin"
for ranks in 1 3; do
  quietly "log$ranks" measured "$latin" --output "out_latin$ranks"
  same_as_plain "out_latin$ranks"
  rm "$latin/seed0001/gr/gr_snap001_phi.h5"
  spoil "$latin/seed0000/newton/newton_snap000_phi.h5" '\000\000\300\177'
  quietly log measured "$latin" --set simulations.on_bad_cube=skip --output "out_latin_skip$ranks"
  expect_in "out_latin_skip$ranks/provenance.json" 'gr_snap001_phi.h5: missing' 'not finite'
  "$PHISCOPE_PROBE" values "out_latin_skip$ranks/statistics.h5" catalogue/dropped_reason >"reasons$ranks"
  variant "$latin"
done
cmp reasons1 reasons3 || fail "the reasons differ between 1 and 3 ranks"
