#!/usr/bin/env bash
# `phiscope bispectrum` gives Pylians' numbers for the reference cube, and says what it cannot measure.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

cube=$source_root/tests/data/reference/cube128.h5
reference=$source_root/tests/data/reference/bispectrum_cube128_shapes75.csv
binned=$source_root/tests/data/reference/bispectrum_cube128_binned.csv
expect_file "$cube" "$reference" "$binned"
export PHISCOPE_CACHE=$PHISCOPE_WORK/cache

rows() { grep -v -e '^#' -e '^k1' "$1"; }

# expect_shapes FILE LIMIT: sides, B, Q, P agree with the reference to LIMIT, the triples exactly
expect_shapes() {
  expect_equal "$(grep '^k1' "$1")" "k1,k2,k3,triangles,b,q,p1,p2,p3,shape" "the header of $1"
  paste -d, <(grep -v -e '^#' -e '^shape' "$reference") <(rows "$1") | awk -F, -v limit="$2" '
    function differ(a, b, most) { return ((a - b) / b)^2 > most^2 || a == "" }
    { rows++ }
    NF != 20 { print "row " rows " has no partner"; bad = 1 }
    differ($11, $2, 1e-11) || differ($12, $3, 1e-11) || differ($13, $4, 1e-11) { print "row " rows ": sides"; bad = 1 }
    $14 != $10 { print "row " rows ": triangles " $14 ", expected " $10; bad = 1 }
    differ($15, $5, limit) || differ($16, $6, limit) { print "row " rows ": b " $15 ", expected " $5; bad = 1 }
    differ($17, $7, limit) || differ($18, $8, limit) || differ($19, $9, limit) { print "row " rows ": p"; bad = 1 }
    substr($20, 1, 2) != substr($1, 1, 2) { print "row " rows ": shape " $20 ", expected " $1; bad = 1 }
    END { exit bad || rows != 225 }' >&2 || fail "$1 does not agree with the reference to $2"
}

say "the thesis' shapes at 75 k from k_F to k_N, at 1, 2, 3 and 4 ranks; triangles are counted once"
shapes=(--box 1000 --convention pylians --shapes 'equilateral,squeezed,stretched' --ksteps 75)
for ranks in 1 2 3 4; do
  on_ranks "$ranks" bispectrum "$cube" "${shapes[@]}" >"double$ranks.csv" || fail "phiscope bispectrum on $ranks ranks"
  expect_shapes "double$ranks.csv" 1e-9
done
expect_equal "$(find "$PHISCOPE_CACHE" -name '*triangle*' -type f | wc -l)" 1 "the cached counts"
on_ranks 2 bispectrum "$cube" "${shapes[@]}" --precision single >single.csv
# The table of B runs through 0, where single precision has fewer digits.
expect_shapes single.csv 1e-3

say "all closed triangles of bins"
quietly log_all on_ranks 2 bispectrum "$cube" --box 1000 --triangles all --bin-width 3 --kmax 0.2545 -o all.csv
expect_equal "$(grep '^k1' all.csv)" "k1,k2,k3,triangles,b,q,p1,p2,p3" "the header"
paste -d, <(grep -v -e '^#' -e '^i' "$binned") <(rows all.csv) | awk -F, '
  { rows++ }
  (($10 - $4) / $4)^2 > 1e-18 || $9 != $5 { print; exit 1 }
  END { exit rows != 294 }' >&2 || fail "the bins do not agree with the reference"
edges=$(awk 'BEGIN { for (i = 0; i < 14; i++) printf "%s%.17g", i ? "," : "", (1.5 + 3 * i) * 8 * atan2(1, 1) / 1000 }')
quietly log_edges on_ranks 1 bispectrum "$cube" --box 1000 --triangles all --edges "$edges" -o edges.csv
cmp <(rows all.csv) <(rows edges.csv) || fail "--edges and --bin-width differ"

say "a list of triangles, and HDF5"
{
  echo "# two triangles"
  echo "k1,k2,k3"
  echo "0.05,0.06,0.07"
  echo "0.1,0.1,0.1"
} >list.csv
quietly log_list on_ranks 3 bispectrum "$cube" --box 1000 --triangles list.csv -o list_out.csv
quietly log_list on_ranks 1 bispectrum "$cube" --box 1000 --triangles list.csv -o list.h5
for name in k1 k2 k3 triangles b q p1 p2 p3 shape; do expect_shape list.h5 "bispectrum/$name" 2; done
paste <(rows list_out.csv | cut -d, -f5) <("$PHISCOPE_PROBE" values list.h5 bispectrum/b) |
  awk '(($1 - $2) / $2)^2 > 1e-20 || NF != 2 { exit 1 }' || fail "the tables in CSV and HDF5 differ"
# The sides are those of the modes, near what was asked for.
rows list_out.csv | awk -F, -v k_f=0.0062832 'NR == 1 { exit !(($1 - 0.05)^2 < k_f^2 && ($3 - 0.07)^2 < k_f^2) }' ||
  fail "the sides of the first triangle"

say "the default k ends where aliasing begins, and says so"
on_ranks 1 bispectrum "$cube" --box 1000 --shapes equilateral --ksteps 5 >default.csv 2>log_default
expect_equal "$(rows default.csv | wc -l)" 5 "the steps"
expect_in log_default 'without aliasing'
on_ranks 1 bispectrum "$cube" --box 1000 --shapes isosceles --theta 0.5,1,1.5 --ksteps 1 --kmin 0.1 --kmax 0.1 >angles.csv
expect_equal "$(rows angles.csv | wc -l)" 3 "the angles"

say "triangles without triples are nan, and a warning"
on_ranks 2 bispectrum "$cube" --box 1000 --shapes equilateral --ksteps 2 --kmin 0.001 --kmax 0.05 --bin-width 1 \
  >empty.csv 2>log_empty
expect_in log_empty '1 of 2 triangles'
expect_equal "$(rows empty.csv | head -1 | cut -d, -f4-6)" "0,nan,nan" "the triangle without triples"
expect_equal "$(grep -c -e '-nan' empty.csv || true)" 0 "the lines with -nan"

say "particles"
"$PHISCOPE_PROBE" particles particles.h5 32 100 1 3
quietly log on_ranks 2 bispectrum particles.h5 --particles pos --grid 32 --window cic --interlaced --box 100 \
  --shapes equilateral --ksteps 2 --kmin 0.3 --kmax 0.5 -o particles.csv
expect_equal "$(rows particles.csv | wc -l)" 2 "the rows"

say "nonsense has its exit status and its message"
for ranks in 1 3; do
  wrong() { expect_code 2 log on_ranks "$ranks" bispectrum "$cube" --box 1000 "$@"; }
  bad() { expect_code 1 log on_ranks "$ranks" bispectrum "$cube" --box 1000 "$@"; }
  wrong
  expect_in log '--shapes' '--triangles'
  wrong --shapes equilatera --ksteps 3
  expect_in log "equilatera" "equilateral"
  wrong --shapes equilateral
  expect_in log '--ksteps'
  wrong --shapes isosceles --ksteps 3
  expect_in log '--angles'
  wrong --shapes squeezed --ksteps 3 --angles 1
  wrong --triangles all
  expect_in log '--edges'
  wrong --triangles all --edges 0.1,0.2 --bin-width 3
  wrong --triangles all --edges 0.2,0.1
  wrong --triangles all --edges 0.1,0.2 --convention pylians
  wrong --triangles all --shapes equilateral --ksteps 3 --edges 0.1,0.2
  wrong --shapes equilateral --ksteps 3 --convention pylians --aliasing pad
  wrong --shapes equilateral --ksteps 3 --kmin 0.2 --kmax 0.1
  wrong --shapes equilateral --ksteps 3 --aliasing maybe
  bad --shapes equilateral --ksteps 3 --kmax 0.35
  expect_in log 'error:' 'aliasing'
  wrong --shapes equilateral,squeezed,equilateral --ksteps 3
  expect_in log 'equilateral' 'twice'
  wrong --shapes isosceles --ksteps 3 --angles 1,1.0
  wrong --shapes equilateral --ksteps 10001
  wrong --shapes equilateral --ksteps 3 --kmax inf
  wrong --shapes equilateral --ksteps 3 --kmin nan
  for options in '--kmax 0.8' '--kmax 1e300' '--kmin 0.8 --kmax 1'; do
    # shellcheck disable=SC2086 # several options
    bad --shapes equilateral --ksteps 3 --aliasing allow $options
    expect_in log 'error:' 'beyond every mode'
    expect_equal "$(grep -c 'error:' log)" 1 "the lines with 'error:'"
  done
  bad --triangles all --bin-width 1e-6
  expect_in log 'error:' 'bins'
  bad --triangles all --bin-width 3 --kmax 1e9
  expect_in log 'error:' 'beyond every mode'
  cp list.csv mine.csv
  bad --triangles mine.csv -o mine.csv
  expect_in log 'error: mine.csv' 'is also read'
  cmp list.csv mine.csv || fail "the list was replaced"
  mkdir -p folder.csv
  bad --shapes equilateral --ksteps 3 -o folder.csv
  expect_in log 'error: folder.csv' 'standard output'
  wrong --shapes equilateral --ksteps 3 -o table.npy
  bad --triangles nowhere.csv
  expect_in log 'error: nowhere.csv'
  bad --triangles list.csv -o nowhere/table.csv
  expect_in log 'error: nowhere/table.csv'
  echo "0.1,0.1,0.9" >>list.csv
  bad --triangles list.csv
  expect_in log 'error:' 'triangle 3'
  sed -i '$d' list.csv
  expect_code 1 log on_ranks "$ranks" bispectrum absent.h5 --box 1000 --shapes equilateral --ksteps 3
  expect_in log 'error: absent.h5'
  expect_equal "$(grep -c 'error:' log)" 1 "the lines with 'error:'"
done
expect_no_temporaries .
