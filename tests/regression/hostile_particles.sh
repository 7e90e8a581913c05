#!/usr/bin/env bash
# The commands `power` and `bispectrum` on inputs that cannot be right: hostile_particles.sh RANKS. The right value, or
# one line of error that names the file, what was found and what to do, and no table.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

ranks=$1
paint=(--particles pos --grid 16 --window cic)
phi=gr/gr_snap000_phi.h5
mkdir gr
cp "$pairs/seed0000/gr/gr_snap000_phi.h5" "$pairs/seed0000/gr/gr_settings_used.ini" gr/

# refused TEXT… -- ARGUMENT…: rejected, and nothing on standard output
refused() {
  rejected "refused: $*" "$@"
  [[ ! -s out ]] || fail "a table was written all the same: $*"
}

table() { grep -v -e '^#' "$1"; }

# same_table FIRST SECOND LIMIT: two tables of `power` agree in k and modes, and in p0 to LIMIT of the largest
same_table() {
  paste -d, <(table "$1") <(table "$2") | awk -F, -v limit="$3" '
    NR == 1 { next }
    { rows++; difference[rows] = $3 - $6; line[rows] = $0 }
    NF != 6 || $1 != $4 || $2 != $5 { print; bad = 1 }
    $3 > largest { largest = $3 }
    END {
      for (i in line) if (difference[i] ^ 2 > (limit * largest) ^ 2) { print line[i]; bad = 1 }
      exit bad || rows < 3
    }' >&2 || fail "$1 and $2 differ"
}

say "positions in another unit than the box's"
"$PHISCOPE_PROBE" particles good.h5 16 250 2 3
"$PHISCOPE_PROBE" particles unit.h5 16 1 0.01 3
"$PHISCOPE_PROBE" particles mpc.h5 16 357 2 3
"$PHISCOPE_PROBE" particles kpc.h5 16 250000 2000 3
on_ranks "$ranks" power good.h5 --box 250 "${paint[@]}" >good.csv
refused 'unit.h5' 'less than a third' '0…1' '250' -- power unit.h5 --box 250 "${paint[@]}"
refused 'mpc.h5' 'beyond it' 'Mpc and not Mpc/h' '0.7' -- power mpc.h5 --box 250 "${paint[@]}"
refused 'kpc.h5' 'beyond it' 'kpc/h, 1000 times too large' -- power kpc.h5 --box 250 "${paint[@]}"
refused 'unit.h5' '0…1' -- bispectrum unit.h5 --box 250 "${paint[@]}" --shapes equilateral --ksteps 2
refused 'unit.h5' '0…1' -- power good.h5 unit.h5 --box 250 "${paint[@]}" -o cross.csv
[[ ! -e cross.csv ]] || fail "a table was written of particles in another unit"
quietly log on_ranks "$ranks" power unit.h5 --box 250 "${paint[@]}" --any-extent -o zoom.csv

say "the same particles in NumPy's and Gadget's files"
for file in good.npy good.gadget1 good.gadget2; do
  "$PHISCOPE_PROBE" particles "$file" 16 250 2 3
  on_ranks "$ranks" power "$file" --box 250 "${paint[@]}" >other.csv 2>log
  same_table good.csv other.csv 1e-5
done
expect_in log 'good.gadget2' 'kpc/h'
refused 'good.gadget1' 'Gadget-2' '--particles' -- power good.gadget1 --box 250
refused 'good.gadget1' '250000' '--box' '200' -- power good.gadget1 --box 200 "${paint[@]}"
head -c 20000 good.gadget2 >cut.gadget2
refused 'cut.gadget2' 'ends before' -- power cut.gadget2 --box 250 "${paint[@]}"
head -c 20000 good.npy >cut.npy
refused 'cut.npy' 'truncated' '4096' -- power cut.npy --box 250 "${paint[@]}"

say "what a header says of its box and its snapshot"
coordinates=(--particles PartType1/Coordinates --grid 16 --window cic)
"$PHISCOPE_PROBE" snapshot plain.h5 16 250 250 1 1
"$PHISCOPE_PROBE" snapshot kpc.h5 16 250000 250000 1 1
"$PHISCOPE_PROBE" snapshot mpc.h5 16 357 357 1 1
"$PHISCOPE_PROBE" snapshot half.h5 16 250 500 1 1
"$PHISCOPE_PROBE" snapshot part.h5 16 250 250 4 1
on_ranks "$ranks" power plain.h5 --box 250 "${coordinates[@]}" >plain.csv
on_ranks "$ranks" power kpc.h5 --box 250 "${coordinates[@]}" >kpc.csv 2>log
same_table plain.csv kpc.csv 1e-5
expect_in log 'BoxSize of /Header' '250000' 'kpc/h'
"$PHISCOPE_PROBE" snapshot mixed.h5 16 250 250000 1 1
refused 'mixed.h5' 'BoxSize' '250000' 'divided by 1000' -- power mixed.h5 --box 250 "${coordinates[@]}"
"$PHISCOPE_PROBE" snapshot small.h5 16 250 250 1 3.085678e21
refused 'small.h5' '250 kpc/h' '--box 0.25' -- power small.h5 --box 250 "${coordinates[@]}"
refused 'mpc.h5' 'BoxSize' '357' '250' 'Mpc and not Mpc/h' -- power mpc.h5 --box 250 "${coordinates[@]}"
refused 'half.h5' 'BoxSize' '500' '250' -- power half.h5 --box 250 "${coordinates[@]}"
refused 'part.h5' 'one of 4 files' -- power part.h5 --box 250 "${coordinates[@]}"

say "weights"
on_ranks "$ranks" power plain.h5 --box 250 "${coordinates[@]}" --weights PartType1/Masses >heavy.csv
# Half of 4096 particles have weight 1 and half 2: L³ (1 + 4)/2 / (3/2)² / 4096.
expect_in heavy.csv "$(awk 'BEGIN { printf "%.12e", 250^3 * 2.5 / 2.25 / 4096 }')" 'weights of PartType1/Masses'
refused 'plain.h5' 'Weights' -- power plain.h5 --box 250 "${coordinates[@]}" --weights PartType1/Weights
refused 'good.npy' 'weights' -- power good.npy --box 250 "${paint[@]}" --weights mass

say "values beyond the range of the numbers"
for amplitude in 1e200 1e-310; do
  "$PHISCOPE_PROBE" values_cube far.h5 32 "$amplitude" 0
  for precision in double single; do
    refused 'far.h5' 'multiply the cube by' -- power far.h5 --box 100 --precision "$precision"
  done
  refused 'far.h5' 'multiply the cube by' -- power "$phi" far.h5 --box 2560
done
"$PHISCOPE_PROBE" values_cube far.h5 16 1e110 0
on_ranks "$ranks" power far.h5 --box 100 >far.csv
expect_not_in far.csv inf nan
refused 'far.h5' 'bispectrum' 'multiply the cube by' -- bispectrum far.h5 --box 100 --triangles all --bin-width 2
"$PHISCOPE_PROBE" values_cube far.h5 16 1e35 0
refused 'far.h5' '--precision double' -- power far.h5 --box 100 --precision single

say "a mean that single precision would drown the field in"
"$PHISCOPE_PROBE" values_cube level.h5 16 1e-3 0
"$PHISCOPE_PROBE" values_cube raised.h5 16 1e-3 1e6
on_ranks "$ranks" power level.h5 --box 100 >level.csv
on_ranks "$ranks" power raised.h5 --box 100 --precision single >raised.csv
same_table level.csv raised.csv 1e-6

say "cross spectra without power on one side"
"$PHISCOPE_PROBE" values_cube flat.h5 16 0 0
on_ranks "$ranks" power level.h5 flat.h5 --box 100 >flat.csv 2>log
expect_in log 'not defined'
expect_not_in flat.csv inf
table flat.csv | awk -F, 'NR > 1 && ($4 <= 0 || $5 != 0 || $6 != "nan" || $7 != "nan") { exit 1 }' ||
  fail "r and t beside a field without power"

say "bins without modes keep their rows"
on_ranks "$ranks" power "$phi" --box 2560 --edges 0.001,0.002,0.0021,0.004 >bins.csv
expect_equal "$(table bins.csv | sed -n 2p)" "1.500000000000e-03,0,nan" "the first bin, which is empty"
expect_equal "$(table bins.csv | wc -l)" 4 "the lines of a table with three bins"
quietly log on_ranks "$ranks" power "$phi" --box 2560 --edges 0.001,0.002,0.0021,0.004 -o bins.h5
expect_equal "$("$PHISCOPE_PROBE" values bins.h5 power/modes | paste -sd' ')" "0 0 9" "the modes in HDF5"

say "a box that the settings beside a cube contradict"
refused 'gr_snap000_phi.h5' 'gr/gr_settings_used.ini:' '2560' '2500' -- power "$phi" --box 2500
refused 'gr/gr_settings_used.ini:' '2560' '256' -- bispectrum "$phi" --box 256 --shapes equilateral --ksteps 2

say "names and words"
cp "$phi" 'a,"b".h5'
on_ranks "$ranks" power "$phi" 'a,"b".h5' "$phi" --box 2560 >names.csv
expect_equal "$(grep -c '^"a,""b"".h5",' names.csv)" 15 "the rows of a quoted name"
refused '--aliasing pad' '--aliasing allow' -- bispectrum "$phi" --box 2560 --shapes equilateral --ksteps 2 --kmax 0.035
expect_not_in err 'aliasing: '
refused '--kmax' -- power "$phi" --box 2560 --kmax 99

printf 'k1,k2,k3\n0.01,0.01,0.01\n0.01,0.01,0.03\n' >list.csv
refused 'list.csv: triangle 2' -- bispectrum "$phi" --box 2560 --triangles list.csv

say "what does not fit"
refused '32768³' 'memory' '--grid' -- power good.h5 --box 250 --particles pos --grid 32768 --window cic
refused 'bins' '1000 at most' -- bispectrum "$phi" --box 2560 --triangles all --edges "$(seq -s, 0.00001 0.00001 0.0102)"
OMP_NUM_THREADS=1000000 refused 'OMP_NUM_THREADS' '1000000' -- power "$phi" --box 2560
expect_no_temporaries .
