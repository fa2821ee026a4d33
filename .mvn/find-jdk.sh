# Sourced by ./mvnw and ./kiln: find_jdk VERSION prints the home of a JDK of at least that version.

# Sets version to the feature version of the JDK in directory $1, or to 0. Starts no program.
read_version() {
    version=0
    [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
    while IFS='="' read -r key _ value; do
        if [ "$key" = JAVA_VERSION ]; then
            version=${value%%[!0-9]*}
            return 0 # the shell reads byte by byte, and the longest lines follow
        fi
    done <"$1/release"
}

# JAVA_HOME first, then the java on PATH, then everything below /usr/lib/jvm.
find_jdk() {
    if [ -n "${JAVA_HOME:-}" ]; then
        read_version "$JAVA_HOME"
        [ "${version:-0}" -lt "$1" ] || { echo "$JAVA_HOME" && return 0; }
    fi
    on_path=$(command -v javac 2>/dev/null || true)
    [ -z "$on_path" ] || on_path=$(readlink -f "$on_path")
    on_path=${on_path%/bin/javac}
    for home in "$on_path" /usr/lib/jvm/*; do
        [ -n "$home" ] || continue
        read_version "$home"
        if [ "${version:-0}" -ge "$1" ]; then
            echo "$home"
            return 0
        fi
    done
    echo "Kiln needs a JDK $1 and found none in JAVA_HOME, on PATH or in /usr/lib/jvm: install one (for example temurin-$1-jdk or openjdk-$1-jdk) or set JAVA_HOME to it." >&2
    return 1
}
