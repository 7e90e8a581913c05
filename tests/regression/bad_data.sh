#!/usr/bin/env bash
# Tables, maps, cubes and fields that cannot be learnt from, or not so: bad_data.sh RANKS. Each is refused with one line
# that names file and row, or the setting, what was found and what was expected; nothing is written.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

# shellcheck disable=SC2034 # for rejected
ranks=$1

# npy FILE "SHAPE" COUNT [VALUE]: float32, 0, 1, 2, … or all of one value
npy() {
  local header
  header=$(printf "{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }" "$2")
  { printf '\x93NUMPY\x01\x00\x76\x00'; printf '%-117s\n' "$header"; floats "$3" "${4:-}"; } >"$1"
}
# floats COUNT [VALUE]: little-endian float32 of whole numbers from 1 on
floats() {
  perl -e 'print pack("f<*", $ARGV[1] eq "" ? 1 .. $ARGV[0] : ($ARGV[1]) x $ARGV[0])' "$1" "${2:-}"
}

# --- tables

awk 'BEGIN { srand(1); print "a,b,y,class,night"; for (i = 0; i < 40; ++i)
  print rand() "," 1 + rand() "," i "," (i % 2 ? "star" : "galaxy") "," int(i / 20) }' >good.csv
cat >table.yaml <<'YAML'
data: {kind: table, table: good.csv, columns: [a, b]}
task: {kind: regression, targets: [y]}
network: {file: config/networks/sigmoid_mlp.yaml, parameters: {layers: 1, width: 4}}
training: {epochs: 1, batch: 8, lanes: 2}
YAML
table=(run table.yaml --set "network.file=$source_root/config/networks/sigmoid_mlp.yaml")

say "the good one"
quietly log_good on_ranks "$ranks" "${table[@]}" --set "stages=[train, evaluate]" --output fine
awk -F, -v OFS=, 'NR == 19 { $2 = "nan" } { print }' good.csv >bad.csv
rejected "NaN in row 17" "bad.csv:19: column 'b' has no finite value" "1 of its 40 rows" -- "${table[@]}" --set data.table=bad.csv
awk -F, -v OFS=, 'NR == 5 { $1 = "" } { print }' good.csv >bad.csv
rejected "an empty cell" "bad.csv:5: column 'a'" -- "${table[@]}" --set data.table=bad.csv
awk -F, -v OFS=, 'NR == 5 { $1 = "many" } { print }' good.csv >bad.csv
rejected "a word for a number" "bad.csv:5: column 'a' holds 'many', expected a number" -- "${table[@]}" --set data.table=bad.csv
awk 'NR == 7 { print $0 ",1"; next } { print }' good.csv >bad.csv
rejected "a row of six" "bad.csv:7: found 6 values, expected 5" -- "${table[@]}" --set data.table=bad.csv
rejected "no such table" "absent.csv" "no such file" -- "${table[@]}" --set data.table=absent.csv
rejected "no such column" "there is no column 'c'" "a, b, y, class, night" -- "${table[@]}" --set "data.columns=[a, c]"
rejected "no such target" "there is no column 'z'" -- "${table[@]}" --set "task.targets=[z]"
rejected "its own answer" "'y' is among data.columns and task.targets" -- "${table[@]}" --set "data.columns=[a, y]"
rejected "no columns" "data.columns is empty" -- "${table[@]}" --set "data.columns=[]"
rejected "fractions that leave nothing" "they leave 'validation' empty" -- "${table[@]}" --set "dataset.split.fractions=[0.9, 0.001, 0.05]"
rejected "fractions above 1" "add up to 1.2" -- "${table[@]}" --set "dataset.split.fractions=[0.9, 0.2, 0.1]"
rejected "two fractions" "lists 2 numbers, expected three" -- "${table[@]}" --set "dataset.split.fractions=[0.9, 0.1]"
rejected "fractions and lists" "expected one of the two" -- "${table[@]}" --set "dataset.split.fractions=[0.8, 0.1, 0.1]" \
  --set dataset.split.train=0-3
rejected "a list with a group that is not there" "group 77 is not among" -- "${table[@]}" --set dataset.split.train=0-20 \
  --set dataset.split.validation=21-30 --set dataset.split.test=31-35,77
rejected "two nights for three parts" "leave 'validation' empty" -- "${table[@]}" --set data.group=night
awk -F, -v OFS=, 'NR > 1 { $3 = 5 } { print }' good.csv >bad.csv
rejected "a target that does not vary" "the target 'y' does not vary" -- "${table[@]}" --set data.table=bad.csv
awk -F, -v OFS=, 'NR > 1 { $2 = 5 } { print }' good.csv >bad.csv
rejected "a column that does not vary" "the column 'b' does not vary" -- "${table[@]}" --set data.table=bad.csv
awk -F, -v OFS=, 'NR == 9 { $1 = 0 } { print }' good.csv >bad.csv
rejected "the logarithm of 0" "bad.csv:9: column 'a' is 0" "above 0" -- "${table[@]}" --set data.table=bad.csv \
  --set data.column_scaling.a=log
rejected "a scaling of no column" "data.column_scaling.c" -- "${table[@]}" --set data.column_scaling.c=log
classes=("${table[@]}" --set task.kind=classification --set "task.targets=[class]")
awk -F, -v OFS=, 'NR == 41 { $4 = "quasar" } { print }' good.csv >bad.csv
rejected "a class of the test alone" "the class 'quasar' is in the test part and not in the training part" -- "${classes[@]}" \
  --set data.table=bad.csv --set dataset.split.train=0-29 --set dataset.split.validation=30-34 --set dataset.split.test=35-39
rejected "a class that is not listed" "good.csv:2: the class 'galaxy' is not among data.classes (star)" -- "${classes[@]}" --set "data.classes=[star]"
awk -F, -v OFS=, 'NR > 1 { $4 = "star" } { print }' good.csv >bad.csv
rejected "one class" "the data has 1 class (star), expected two or more" -- "${classes[@]}" --set data.table=bad.csv

# --- settings

rejected "simulations and data" "section simulations and data.kind table" -- "${table[@]}" --set simulations.root=x
rejected "a task without data" "task.kind is regression" "no section data" -- run "$tiny" --set task.kind=regression
rejected "data without a task" "task.kind is missing" -- "${table[@]}" --set task.kind=gravity
rejected "a stage of simulations" "'measure' works on simulations" -- measure "${table[@]:1}"
rejected "a loss of another task" "training.loss.name is binary_cross_entropy, but task.density is point" -- "${table[@]}" \
  --set training.loss.name=binary_cross_entropy
rejected "a network of two outputs" "sigmoid_mlp.yaml" "takes one output for each target" -- "${table[@]}" --set network.parameters.outputs=2
rejected "a kind that there is not" "data.kind" "maps" -- "${table[@]}" --set data.kind=map
rejected "a target scaled by log" "task.scaling is log" -- "${table[@]}" --set task.scaling=log

# --- maps

npy maps.npy "12, 8, 8" 768
awk 'BEGIN { print "# p q"; for (i = 0; i < 4; ++i) print i, 1 - i * i }' >parameters.txt
cat >network.yaml <<'YAML'
name: flat
parameters: {outputs: 1}
layers:
  - flatten:
  - dense: {values: outputs}
YAML
cat >maps.yaml <<'YAML'
data: {kind: maps, inputs: [maps.npy], parameters: parameters.txt, per_simulation: 3}
task: {kind: regression, targets: [p]}
dataset: {split: {fractions: [0.5, 0.25, 0.25]}}
network: {file: network.yaml}
training: {epochs: 1, batch: 2, lanes: 2}
YAML
maps=(run maps.yaml)
say "the good ones"
quietly log_maps on_ranks "$ranks" "${maps[@]}" --set "stages=[train, evaluate]" --output fine_maps
rejected "parameters of another number" "parameters.txt: it has 4 rows, but there are 6 simulations" -- "${maps[@]}" --set data.per_simulation=2
rejected "maps that are not shared out" "12 entries, which are not 5 for each simulation" -- "${maps[@]}" --set data.per_simulation=5
head -c 3100 maps.npy >cut.npy
rejected "a last map that is cut off" "cut.npy: it is cut off" "11 of them are whole" -- "${maps[@]}" --set "data.inputs=[cut.npy]"
npy others.npy "12, 4, 4" 192
rejected "maps of two sizes" "others.npy: its maps are 4×4, those of" "maps.npy are 8×8" -- "${maps[@]}" --set "data.inputs=[maps.npy, others.npy]"
npy fewer.npy "11, 8, 8" 704
rejected "stacks of two lengths" "fewer.npy: it holds 11 entries," "maps.npy holds 12" -- "${maps[@]}" --set "data.inputs=[maps.npy, fewer.npy]"
npy oblong.npy "12, 8, 4" 384
rejected "maps that are not square" "oblong.npy: its maps are 8×4" -- "${maps[@]}" --set "data.inputs=[oblong.npy]"
npy zero.npy "12, 8, 8" 768 0
rejected "the logarithm of a map of 0" "zero.npy, entry " "is 0, expected a number above 0" -- "${maps[@]}" --set "data.inputs=[zero.npy]" \
  --set data.transform=log10
cp maps.npy infinite.npy
printf '\000\000\200\177' | dd of=infinite.npy bs=1 seek=$((128 + 4 * (5 * 64 + 10))) conv=notrunc status=none
rejected "an infinite value" "infinite.npy, entry 5: the value at [1, 2] is inf" -- "${maps[@]}" --set "data.inputs=[infinite.npy]"
rejected "no such parameter" "there is no column 'r'" "it has p, q" -- "${maps[@]}" --set "task.targets=[r]"
rejected "no such simulation" "no row of column 'q' says '2'" -- "${maps[@]}" --set data.parameters_key=q
rejected "no parameters" "data.parameters is missing" -- "${maps[@]}" --set data.parameters=
rejected "maps that are cubes" "expected items × maps" -- "${maps[@]}" --set "data.inputs=[volumes.npy]" --set data.root="$(
  mkdir -p in && npy in/volumes.npy "2, 2, 4, 4, 4" 256 && echo in)"

# --- fields

npy inputs.npy "6, 4, 4, 4" 384
npy targets.npy "6, 8, 8, 8" 3072
cat >fields.yaml <<'YAML'
data: {kind: fields, inputs: [inputs.npy], targets: [targets.npy]}
task: {kind: fields}
dataset: {sample: cube, split: {fractions: [0.5, 0.25, 0.25]}}
network: {file: network.yaml}
training: {epochs: 1, batch: 2, lanes: 2}
YAML
rejected "a target on another grid" "targets.npy: its cubes are 8×8×8, those of" "inputs.npy are 4×4×4" -- run fields.yaml
npy few.npy "5, 4, 4, 4" 320
rejected "a target too few" "few.npy: it holds 5 entries," "inputs.npy holds 6" -- run fields.yaml --set "data.targets=[few.npy]"
rejected "fields without a target" "data.targets is empty" -- run fields.yaml --set "data.targets=[]"
rejected "a number for a field" "task.kind is regression, expected fields" -- run fields.yaml --set task.kind=regression

# --- classes by pattern

cat >classes.yaml <<'YAML'
data: {kind: pairs, root: classes, inputs: ["{class}/{seed:02}.npy"], classes: [one, two], seeds: 0-3}
task: {kind: classification}
dataset: {sample: cube, split: {train: 0-1, validation: 2, test: 3}}
network: {file: network.yaml}
training: {epochs: 1, batch: 4, lanes: 2}
YAML
for class in one two; do
  mkdir -p "classes/$class"
  for seed in 00 01 02 03; do npy "classes/$class/$seed.npy" "4, 4, 4" 64; done
done
rm classes/two/02.npy
rejected "a class without a seed" "classes/two/02.npy: no such file" -- run classes.yaml
npy classes/two/02.npy "8, 8, 8" 512
rejected "a cube of another grid" "classes/two/02.npy: its array is 8×8×8" "4×4×4" -- run classes.yaml
rejected "a pattern without a class" "has no {class} or no {seed}" -- run classes.yaml --set 'data.inputs=["{seed}.npy"]'
rejected "a place that there is not" "has the place {box}" -- run classes.yaml --set 'data.inputs=["{class}/{seed}{box}.npy"]'
[[ -z $(find runs -name model.safetensors 2>/dev/null) ]] || fail "a study that was refused has left a model"

# --- predictions

rejected "a table without a column" "parameters.txt: there is no column 'a'" "it has p, q" -- predict fine parameters.txt
rejected "maps for a table" "maps.npy: it holds an array of 12×8×8, expected a table" -- predict fine maps.npy
npy wide.npy "2, 16, 16" 512
rejected "maps of another size" "wide.npy: a sample of it is 1 channel of 16×16" "1 channel of 8×8" -- predict fine_maps wide.npy
rejected "cubes for maps" "volumes.npy" -- predict fine_maps in/volumes.npy
rejected "no model" "no such file" -- predict absent maps.npy
head -c 700 fine_maps/model.safetensors >damaged.safetensors
rejected "a damaged model" "damaged.safetensors: damaged" -- predict damaged.safetensors maps.npy
rejected "its own input" "would be written over" -- predict fine_maps maps.npy parameters.txt -o parameters.txt
say "maps in another unit"
perl -e 'print pack("f<*", map { 1e6 + $_ } 1 .. 128)' >tail.bin
npy other_unit.npy "2, 8, 8" 0
cat tail.bin >>other_unit.npy
quietly log_unit on_ranks "$ranks" predict fine_maps other_unit.npy -o unit.csv
expect_in log_unit "standard deviations from that of the training data"
