# Sourced by ./mvnw and ./kiln: find_jdk VERSION prints the home of a JDK of at least that version.

# The feature version of the JDK in directory $1, or nothing.
jdk_version() {
    [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

# JAVA_HOME first, then the java on PATH, then everything below /usr/lib/jvm.
find_jdk() {
    on_path=$(command -v javac 2>/dev/null || true)
    [ -z "$on_path" ] || on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")")
    for home in "${JAVA_HOME:-}" "$on_path" /usr/lib/jvm/*; do
        [ -n "$home" ] || continue
        version=$(jdk_version "$home")
        if [ "${version:-0}" -ge "$1" ]; then
            echo "$home"
            return 0
        fi
    done
    echo "Kiln needs a JDK $1 and found none in JAVA_HOME, on PATH or in /usr/lib/jvm: install one (for example temurin-$1-jdk or openjdk-$1-jdk) or set JAVA_HOME to it." >&2
    return 1
}
