package build.kiln.builder.registry;

/// One place where a repository can be had.
///
/// @param host with the port where one was given
/// @param repository its path there
/// @param insecure without a check of certificates, and in plain HTTP where there is no TLS
/// @param mirror a copy; a failure of it is no more than a reason to ask the next place
record Source(String host, String repository, boolean insecure, boolean mirror) {}
