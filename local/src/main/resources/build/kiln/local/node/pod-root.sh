#!/bin/sh
# pod-root.sh ROOT NAME WORKDIR CAPABILITIES [ro|rw SOURCE TARGET]... -- COMMAND [ARGUMENT...]
#
# As process 1 of new mount, pid, ipc and uts namespaces: makes a root directory on a tmpfs at ROOT, with the system's
# programs read-only, an own /proc, /dev, /tmp and /run and the given mounts; makes it the root, forgets the old one,
# and becomes COMMAND with no more than CAPABILITIES.
#
# On a failure it says what failed and exits with status 128.

fail() {
    printf 'pod-root: %s\n' "$*" >&2
    exit 128
}

root=$1 name=$2 workdir=$3 capabilities=$4
shift 4

mount -t tmpfs -o mode=755,size=256m kiln-pod "$root" || fail "cannot mount a tmpfs at $root"
cd "$root" || fail "cannot enter $root"
mkdir -p dev proc sys tmp run root var/tmp var/run etc .old
chmod 1777 tmp var/tmp
chmod 700 root

# place SOURCE TARGET: makes TARGET, a path below the new root, something that SOURCE can be mounted on.
place() {
    if [ -d "$1" ]; then
        mkdir -p ".$2"
    else
        mkdir -p ".$(dirname -- "$2")"
        [ -e ".$2" ] || : >".$2"
    fi
}

# A user namespace may not take away what the mount already forbids, so those options are given again.
read_only() {
    for options in ro ro,nosuid,nodev ro,nosuid,nodev,noexec ro,nosuid,nodev,relatime ro,nosuid,nodev,noatime; do
        mount -o "remount,bind,$options" "$1" 2>/dev/null && return 0
    done
    fail "cannot make $1 read-only"
}

share() {
    [ -e "$2" ] || fail "there is no $2 to mount at $3"
    place "$2" "$3" || fail "cannot make a mount point at $3"
    mount --rbind "$2" ".$3" || fail "cannot mount $2 at $3"
    [ "$1" = rw ] || read_only ".$3"
}

for directory in bin sbin lib lib32 lib64 libx32 usr opt; do
    if [ -L "/$directory" ]; then
        cp -P "/$directory" "$directory"
    elif [ -d "/$directory" ]; then
        share ro "/$directory" "/$directory"
    fi
done
# Of the machine's settings those that programs need to find names, users, libraries and trusted authorities.
for file in passwd group nsswitch.conf hosts resolv.conf services protocols ld.so.cache ld.so.conf ld.so.conf.d \
    localtime alternatives ssl ca-certificates pki crypto-policies java; do
    [ ! -e "/etc/$file" ] || share ro "$(readlink -f "/etc/$file")" "/etc/$file"
done
for directory in /etc/java-*; do
    [ ! -d "$directory" ] || share ro "$directory" "$directory"
done

for device in null zero full random urandom tty; do
    share rw "/dev/$device" "/dev/$device"
done
mkdir dev/shm
mount -t tmpfs -o mode=1777,nosuid,nodev,size=64m shm dev/shm || fail "cannot mount /dev/shm"
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
mount -t proc -o nosuid,nodev,noexec proc proc ||
    fail "cannot mount /proc: this machine shows an incomplete /proc, as containers do. Run as root outside of one."
mount --rbind /sys sys && read_only sys

while [ "$1" != -- ]; do
    share "$1" "$2" "$3"
    shift 3
done
shift

hostname "$name" || fail "cannot set the host name $name"
PATH=$PATH:/usr/sbin:/sbin
pivot_root . .old || fail "cannot change the root directory"
cd / || fail "cannot enter the new root directory"
umount -l /.old || fail "cannot leave the machine's root directory"
rmdir /.old
cd -- "$workdir" || fail "there is no directory $workdir to work in"
exec setpriv --no-new-privs --inh-caps=-all --bounding-set="$capabilities" -- "$@"
