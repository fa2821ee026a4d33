package build.kiln.builder.linux;

/// The calls this room makes, by the kernel's numbers for x86_64 and aarch64.
enum SystemCall {
    read(0, 63),
    write(1, 64),
    close(3, 57),
    lseek(8, 62),
    pread64(17, 67),
    dup(32, 23),
    sendfile(40, 71),
    fcntl(72, 25),
    wait4(61, 260),
    kill(62, 129),
    flock(73, 32),
    fsync(74, 82),
    ftruncate(77, 46),
    fchmod(91, 52),
    fchown(93, 55),
    umask(95, 166),
    getuid(102, 174),
    geteuid(107, 175),
    getegid(108, 177),
    statfs(137, 43),
    prctl(157, 167),
    chroot(161, 51),
    mount(165, 40),
    umount2(166, 39),
    setxattr(188, 5),
    lsetxattr(189, 6),
    fsetxattr(190, 7),
    lgetxattr(192, 9),
    fgetxattr(193, 10),
    llistxattr(195, 12),
    flistxattr(196, 13),
    lremovexattr(198, 15),
    fremovexattr(199, 16),
    getdents64(217, 61),
    openat(257, 56),
    mkdirat(258, 34),
    mknodat(259, 33),
    fchownat(260, 54),
    unlinkat(263, 35),
    linkat(265, 37),
    symlinkat(266, 36),
    readlinkat(267, 78),
    fchmodat(268, 53),
    unshare(272, 97),
    utimensat(280, 88),
    syncfs(306, 267),
    setns(308, 268),
    renameat2(316, 276),
    copy_file_range(326, 285),
    statx(332, 291),
    open_tree(428, 428),
    move_mount(429, 429),
    fsopen(430, 430),
    fsconfig(431, 431),
    fsmount(432, 432),
    openat2(437, 437),
    mount_setattr(442, 442);

    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");

    private final int x86;
    private final int arm;

    SystemCall(int x86, int arm) {
        this.x86 = x86;
        this.arm = arm;
    }

    long number() {
        return ARM ? arm : x86;
    }
}
