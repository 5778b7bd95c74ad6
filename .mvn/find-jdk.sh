# Sourced by ./mvnw and ./compress. Sets JAVA_HOME to a JDK of at least version 25, or says what is
# missing and exits with 1. Looks at COMPRESS_JAVA_HOME, JAVA_HOME, the java on the PATH, then the
# folders in which systems and version managers install JDKs. Starts no JVM: each JDK states its
# version in its file `release`. POSIX sh; leaves `set -euf` as it finds it.

needed_jdk=25

# Prints the major version of the JDK in folder $1, or nothing if there is none.
jdk_version() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
  sed -n 's/^JAVA_VERSION="\(1\.\)\{0,1\}\([0-9]*\).*/\2/p' "$1/release"
}

jdk_suits() {
  jdk_found=$(jdk_version "$1")
  [ -n "$jdk_found" ] && [ "$jdk_found" -ge "$needed_jdk" ]
}

find_jdk() {
  jdk_on_path=$(command -v java 2>/dev/null || :)
  if [ -n "$jdk_on_path" ]; then
    jdk_on_path=$(readlink -f "$jdk_on_path" 2>/dev/null || printf %s "$jdk_on_path")
    jdk_on_path=${jdk_on_path%/bin/java}
  fi
  for jdk in "${COMPRESS_JAVA_HOME-}" "${JAVA_HOME-}" "$jdk_on_path"; do
    if [ -n "$jdk" ] && jdk_suits "$jdk"; then
      JAVA_HOME=$jdk
      return 0
    fi
  done
  jdk_seen=
  case $- in *f*) jdk_noglob=1 ;; *) jdk_noglob= ;; esac
  set +f
  for jdk in /usr/lib/jvm/* /opt/java/* /opt/jdk* /opt/*jdk* /usr/java/* \
    "${HOME:-/}"/.sdkman/candidates/java/* "${HOME:-/}"/.jdks/* "${HOME:-/}"/.asdf/installs/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    if jdk_suits "$jdk"; then
      JAVA_HOME=$jdk
      break
    fi
    [ -z "$jdk_found" ] || jdk_seen="$jdk_seen
  $jdk (version $jdk_found)"
    jdk=
  done
  [ -z "$jdk_noglob" ] || set -f
  [ -n "$jdk" ]
}

if find_jdk; then
  export JAVA_HOME
else
  {
    echo "compress needs a JDK of version $needed_jdk or newer, and found none."
    [ -z "$jdk_seen" ] || echo "Found, but too old:$jdk_seen"
    echo "Install one (Eclipse Temurin $needed_jdk, say), or set COMPRESS_JAVA_HOME to its folder."
  } >&2
  exit 1
fi
