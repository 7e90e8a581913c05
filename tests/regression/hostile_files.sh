#!/usr/bin/env bash
# Files that are no files, or not what they seem: hostile_files.sh RANKS. Each ends within 5 s (20 where the machine is
# busy) with exit status 1 and one line of error that names the file; and what is whole but unusual is read.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

ranks=$1
cube=$pairs/seed0000/gr/gr_snap001_phi.h5
tiny_study "$pairs" >base.yaml

# --- only regular files are read

mkfifo pipe pipe.npy pipe.yaml
rejected "a pipe instead of a cube" "pipe: is a pipe" -- power pipe --box 2560
rejected "a pipe instead of .npy" "pipe.npy: is a pipe" -- power pipe.npy --box 2560
rejected "a device instead of a cube" "/dev/zero: is a device" -- power /dev/zero --box 2560
rejected "standard input instead of a cube" "/dev/stdin: is " -- power /dev/stdin --box 2560
rejected "a folder instead of a cube" "$pairs: is a folder" -- power "$pairs" --box 2560
rejected "a pipe instead of a study" "pipe.yaml: is a pipe" -- measure pipe.yaml
rejected "a device instead of a study" "/dev/zero: is a device" -- measure /dev/zero
rejected "a pipe instead of triangles" "pipe: is a pipe" -- bispectrum "$cube" --box 2560 --triangles pipe
rejected "a pipe instead of a network" "pipe.yaml: is a pipe" -- run base.yaml --set network.file=pipe.yaml --output fresh
rejected "a pipe to inspect" "pipe: is a pipe" -- inspect pipe
mkdir run
mkfifo run/log.txt
rejected "a pipe instead of the log" "log.txt: is a pipe" -- measure base.yaml --output run
copy_pairs spoilt 0 1 2 3 4 5
rm spoilt/seed0001/gr/gr_background.dat
mkfifo spoilt/seed0001/gr/gr_background.dat
rejected "a pipe instead of a background" "gr_background.dat: is a pipe" -- \
  measure base.yaml --set simulations.root=spoilt --output fresh
truncate -s 70M large.yaml
rejected "a study of 70 MB" "large.yaml: has 73400320 bytes, expected at most" -- measure large.yaml

# --- .npy: what the header may not say, and what it may

# npy NAME HEADER BYTES: an array of zeros with some ones
npy() {
  local header
  header=$(printf '%-117s\n_' "$2")
  printf '\223NUMPY\001\000v\000%s' "${header%_}" >"$1"
  head -c "$3" "$PHISCOPE" >>"$1"
}
npy twice.npy "{'descr': '|u1', 'fortran_order': False, 'shape': (8, 8, 8), 'shape': (4, 4, 4), }" 512
rejected "a shape given twice" "twice.npy: is not a whole .npy file: its header says 'shape' twice" -- power twice.npy --box 100
npy maybe.npy "{'descr': '|u1', 'fortran_order': Maybe, 'shape': (8, 8, 8), }" 512
rejected "an order that is neither" "expected True or False" -- power maybe.npy --box 100
npy long.npy "{'descr': '|u1', 'fortran_order': False, 'shape': (8, 8, 8), }" 513
rejected "bytes behind the values" "has 1 bytes behind the 8×8×8 values" -- power long.npy --box 100
npy stack.npy "{'descr': '|u1', 'fortran_order': False, 'shape': (3, 8, 8, 8), }" 1536
rejected "a stack without an item" "say --item 0 to 2" -- power stack.npy --box 100
rejected "an item beyond a stack" ": item 3 is beyond it" -- power stack.npy --box 100 --item 3
rejected "a cube with an item" "leave out --item" -- bispectrum "$cube" --box 2560 --item 0 --triangles all --bin-width 3

say "an item of a stack is the cube that it is, in either order and with channels last"
{ head -c 128 stack.npy | sed 's/(3, 8, 8, 8)/(8, 8, 8)   /'; tail -c 512 stack.npy; } >ITEM.NPY
quietly log on_ranks "$ranks" power stack.npy --box 100 --item 2 -o stack.csv
quietly log on_ranks "$ranks" power ITEM.NPY --box 100 -o item.csv
diff <(grep -v '^#' stack.csv) <(grep -v '^#' item.csv) || fail "an item has another spectrum than its cube alone"
sed 's/(3, 8, 8, 8)/(8, 8, 8, 3)/' stack.npy >last.npy
quietly log on_ranks "$ranks" power last.npy --box 100 --channel 1 -o last.csv
expect_in last.csv "channel 1"
expect_in stack.csv "item 2"
quietly log on_ranks 1 inspect stack.npy
expect_in log "3×8×8×8" "--item 0 to 2"

# --- what a command may write to

mkfifo taken
rejected "a pack into a pipe" "taken: is a pipe, expected a regular file or none" -- \
  pack "$tiny" -o taken --output packed
[[ -p taken ]] || fail "the pipe was replaced"

# --- a cube of Φ that is not the one that its run's table is of

say "power names a cube that a study would refuse, and measures it"
copy_pairs odd 0
cp odd/seed0000/gr/gr_snap001_phi.h5 later.h5
quietly log on_ranks "$ranks" power odd/seed0000/gr/gr_snap001_phi.h5 --box 2560
expect_not_in log warning
cp odd/seed0000/gr/gr_snap000_phi.h5 odd/seed0000/gr/gr_snap001_phi.h5
quietly log on_ranks "$ranks" power odd/seed0000/gr/gr_snap001_phi.h5 --box 2560
expect_in log 'gr_snap001_phi.h5: k³P/2π²' 'gr_pk001_phi.dat'

# --- a damaged byte

say "a member without a name"
cp "$cube" nameless.h5
chmod u+w nameless.h5
at=$(grep -abo 'data' nameless.h5 | head -1 | cut -d: -f1)
printf '\000' | dd of=nameless.h5 bs=1 seek="$at" conv=notrunc status=none
rejected "a member without a name" "nameless.h5: dataset 'data' is missing" -- power nameless.h5 --box 2560
quietly log on_ranks 1 inspect nameless.h5
expect_in log "group '/' is damaged"

# --- one link that leads nowhere hides nothing

ln -s nowhere spoilt/seed0007
ln -s nowhere spoilt/seed0003/gr/gr_snap009_phi.h5
quietly log on_ranks 1 inspect spoilt
expect_in log "6 seeds: 0-5" "seed0007: a link to nowhere, which is not there"
quietly log on_ranks 1 inspect spoilt/seed0003/gr
expect_in log "gr_snap009_phi.h5: a link to nowhere"
expect_no_temporaries .
