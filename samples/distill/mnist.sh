#!/bin/sh
# Hinton, Vinyals and Dean 2015, section 3: a large perceptron, regularised and trained on shifted
# images, teaches a smaller one at several temperatures, and once without a digit. Three hours.
#
#   samples/distill/mnist.sh DIR OUT [EPOCHS]
#
# DIR is made by fetch-data.sh mnist; OUT gets the networks and the report of each run; EPOCHS are the
# student's, 30 if not given. Runs whose report is there are not made again. Temperature.java makes a
# table and a plot of OUT/reports.
set -eu
[ $# -eq 2 ] || [ $# -eq 3 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
data=$1
out=$2
epochs=${3:-30}
compress=$(cd "$(dirname "$0")/../.." && pwd)/compress
mkdir -p "$out/reports"

common="--batch 128 --optimizer adam --learning-rate 0.001 --rate-schedule cosine --threads 1 --precision bf16"

[ -s "$out/teacher.onnx" ] || "$compress" train --network mlp-1200-1200 --data "$data" --epochs 40 $common \
  --dropout ip1.weight=0.2 --dropout ip2.weight=0.5 --dropout ip3.weight=0.5 --augment shift=2 --seed 1 \
  -o "$out/teacher.onnx"

run() { # NAME OPTION...
  name=$1
  shift
  [ -s "$out/reports/$name.json" ] && return
  "$compress" distill --teacher "$out/teacher.onnx" --network mlp-800-800 --answers "$out/answers" \
    --data "$data" --epochs "$epochs" $common --json --force "$@" -o "$out/student.onnx" > "$out/$name.part"
  mv "$out/$name.part" "$out/reports/$name.json"
}

for seed in 1 2 3 4 5; do
  run "t20-seed$seed" --seed "$seed" --lambda 0.9 --temperature 20 --control alone
  for temperature in 2 8; do
    run "t$temperature-seed$seed" --seed "$seed" --lambda 0.9 --temperature "$temperature"
  done
done
run missing --seed 1 --lambda 1 --temperature 8 --omit-class 3
