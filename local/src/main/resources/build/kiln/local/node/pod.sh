#!/bin/sh
# pod.sh MEMORY OOM INNER ARGUMENT...
#
# Runs INNER (pod-root.sh) with its arguments as process 1 of namespaces of its own, and ends with its exit status.
#   MEMORY  how many bytes the pod may use, or "" for no limit
#   OOM     the file that is made if the pod was killed for want of memory
# Reads from its standard input the names of signals for process 1. When the input ends, the pod is killed: so nothing
# outlives the program that started it.

memory=$1 oom=$2
shift 2

# A control group for the pod's memory, of either version; without the right to make one there is no limit.
group=
if [ -n "$memory" ]; then
    for base in /sys/fs/cgroup/memory /sys/fs/cgroup; do
        if [ -w "$base" ] && mkdir "$base/kiln-$$" 2>/dev/null; then
            limit=$base/kiln-$$/memory.limit_in_bytes
            [ -e "$limit" ] || limit=$base/kiln-$$/memory.max
            if echo "$memory" >"$limit" 2>/dev/null; then
                group=$base/kiln-$$
                break
            fi
            rmdir "$base/kiln-$$"
        fi
    done
fi

exec 3<&0
# The inner shell enters the group, so that this one stays outside. It stays, as parent of the namespace's process 1, to
# tell the exit status, which is 128 and more for a signal; unshare --fork would not.
# shellcheck disable=SC2016 # expanded by the inner shell
sh -c '[ -z "$1" ] || echo $$ >"$1/cgroup.procs"; shift; exec "$@"' pod "$group" \
    unshare --mount --pid --ipc --uts --propagation private -- sh -c 'sh "$@"; exit $?' pod "$@" </dev/null 3<&- &
holder=$!

# send SIGNAL: to process 1 of the namespace, which is the only child.
send() {
    # shellcheck disable=SC2046 # one number, or none
    kill -"$1" $(cat "/proc/$holder/task/$holder/children") 2>/dev/null
}

{
    while read -r signal; do
        send "$signal"
    done
    send KILL
} <&3 >/dev/null 2>&1 &
listener=$!
exec 3<&-

wait "$holder"
status=$?
kill "$listener" 2>/dev/null

if [ -n "$group" ]; then
    killed=$(cat "$group/memory.oom_control" "$group/memory.events" 2>/dev/null | sed -n 's/^oom_kill \([0-9]*\)$/\1/p')
    [ "${killed:-0}" = 0 ] || : >"$oom"
    # The last processes may take a moment to leave the group.
    for _ in 1 2 3 4 5; do
        rmdir "$group" 2>/dev/null && break
        sleep 0.1
    done
fi
exit "$status"
