package build.kiln.builder.failure;

/// Why a build failed, in one CamelCase word.
///
/// The same word stands in the report, in the condition and in the Event, and has an entry in `docs/errors.md`.
public enum Reason {
    /// The command line or the build request is not well-formed.
    RequestInvalid(Fault.USER),
    /// There is no Dockerfile where one was expected.
    DockerfileNotFound(Fault.USER),
    /// The Dockerfile breaks a rule of its language.
    DockerfileInvalid(Fault.USER),
    /// The Dockerfile or the request asks for something that Kiln does not do.
    NotSupportedYet(Fault.USER),
    /// The requested target is not a stage of the Dockerfile.
    TargetNotFound(Fault.USER),
    /// The repository, folder or archive of the build context does not exist.
    SourceNotFound(Fault.USER),
    /// The git revision does not exist in the repository.
    RevisionNotFound(Fault.USER),
    /// The source refused the credentials, or wants some.
    SourceDenied(Fault.USER),
    /// The source could not be reached, or broke off.
    SourceUnavailable(Fault.REMOTE),
    /// The source was reached and is not what it should be (a wrong checksum, a broken archive).
    SourceCorrupt(Fault.REMOTE),
    /// A COPY or ADD names a file that is not there.
    FileNotFound(Fault.USER),
    /// A path leads out of the folder that it has to stay in.
    PathEscapes(Fault.USER),
    /// A COPY, ADD or WORKDIR cannot put something where the image has something else.
    DestinationConflict(Fault.USER),
    /// A USER, a --chown or a RUN names a user or group that the image does not have.
    UserNotFound(Fault.USER),
    /// A RUN ended with an exit status other than 0.
    RunFailed(Fault.USER),
    /// The image was built, and did not pass the command that it had to pass.
    VerifyFailed(Fault.USER),
    /// A RUN, or the build, outlived its time limit.
    TimedOut(Fault.USER),
    /// A RUN was killed because the pod's memory was used up.
    OutOfMemory(Fault.PLATFORM),
    /// A base image, or an image that a COPY reads from, does not exist.
    ImageNotFound(Fault.USER),
    /// The registry refused to let an image be read.
    PullDenied(Fault.USER),
    /// The registry refused to let the image be written.
    PushDenied(Fault.USER),
    /// A registry could not be reached, or answered that it cannot serve now.
    RegistryUnavailable(Fault.REMOTE),
    /// All steps are done and kept in the cache, and the registry could not take the image.
    PushPending(Fault.REMOTE),
    /// A registry's TLS certificate is not trusted here, or it speaks plain HTTP where TLS was expected.
    RegistryUntrusted(Fault.USER),
    /// A registry sent something that is not what its digest or the protocol says.
    RegistryCorrupt(Fault.REMOTE),
    /// A Secret or a credentials file is missing or of the wrong shape.
    SecretInvalid(Fault.USER),
    /// The image could not be written to where the user wanted it.
    OutputFailed(Fault.USER),
    /// The pod or machine does not allow the isolation that a RUN needs.
    IsolationUnavailable(Fault.PLATFORM),
    /// A RUN asks for a device that this machine does not have, or does not describe.
    DeviceUnavailable(Fault.USER),
    /// There is no room left on a file system that the build needs.
    DiskFull(Fault.PLATFORM),
    /// Something that the build needs was taken out of the cache volume while it ran.
    CacheLost(Fault.PLATFORM),
    /// The build was told to stop.
    Interrupted(Fault.PLATFORM),
    /// Kiln broke one of its own rules.
    Defect(Fault.KILN);

    private final Fault fault;

    Reason(Fault fault) {
        this.fault = fault;
    }

    public Fault fault() {
        return fault;
    }
}
