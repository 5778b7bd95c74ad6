#!/bin/sh
# A perceptron learns from LeNet-5 at several temperatures, and without having seen a digit.
#
#   samples/distill/mnist.sh DIR OUT
#
# DIR is made by fetch-data.sh mnist; OUT gets the report of each run. Runs whose report is there are
# not made again. Temperature.java makes a table and a plot of OUT.
set -eu
[ $# -eq 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
data=$1
out=$2
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out"

run() { # NAME OPTION...
  name=$1
  shift
  [ -s "$out/$name.json" ] && return
  "$here/../../compress" distill --teacher "$here/../lenet-5.onnx" --network mlp-100 \
    --answers "$out/answers" --data "$data" --epochs 12 --batch 128 --optimizer adam --learning-rate 0.003 \
    --rate-schedule cosine --threads 1 --json --force "$@" -o "$out/student.onnx" \
    > "$out/$name.part"
  mv "$out/$name.part" "$out/$name.json"
}

for seed in 1 2 3 4 5; do
  run "t4-seed$seed" --seed "$seed" --lambda 0.9 --temperature 4 --control alone
  for temperature in 8 20 2; do
    run "t$temperature-seed$seed" --seed "$seed" --lambda 0.9 --temperature "$temperature"
  done
  run "missing-seed$seed" --seed "$seed" --lambda 1 --temperature 8 --omit-class 3
done
