package build.kiln.builder.execute;

/// To whom a file belongs.
record Owner(long uid, long gid) {

    static final Owner ROOT = new Owner(0, 0);
}
