package build.kiln.builder.dockerfile.lint;

import java.util.Locale;

/// The rules, each under the name that `docker build --check` knows it by. Each has a page in `docs/lint`.
public enum Rule {
    ConsistentInstructionCasing("Instructions are all in upper case, or all in lower case."),
    CopyIgnoredFile("COPY and ADD name no file that .dockerignore leaves out."),
    DuplicateStageName("No two stages have the same name."),
    ExposeInvalidFormat("EXPOSE names ports of the container, no addresses and no ports of the host."),
    ExposeProtoCasing("EXPOSE has its protocol in lower case."),
    FromAsCasing("FROM and AS are both in upper case, or both in lower case."),
    FromPlatformFlagConstDisallowed("FROM --platform has a variable for its value."),
    InvalidBaseImagePlatform("The base image is one for the platform that is built."),
    InvalidDefaultArgInFrom("FROM names an image when no build argument is given, too."),
    InvalidDefinitionDescription("A comment right above a stage or ARG begins with its name."),
    JSONArgsRecommended("CMD and ENTRYPOINT are JSON arrays."),
    LegacyKeyValueFormat("ENV and LABEL have an = between name and value."),
    MaintainerDeprecated("The author is a label."),
    MultipleInstructionsDisallowed("A stage has one CMD, one ENTRYPOINT and one HEALTHCHECK at the most."),
    NoEmptyContinuation("No blank line divides an instruction."),
    RedundantTargetPlatform("FROM does not ask for the platform that it gets anyway."),
    ReservedStageName("No stage has a name that means something else."),
    SecretsUsedInArgOrEnv("ARG and ENV hold no secrets."),
    StageNameCasing("Stages have names in lower case."),
    UndefinedArgInFrom("FROM uses variables that an ARG above it declares."),
    UndefinedVar("Variables are set before they are used."),
    WorkdirRelativePath("The first WORKDIR of a stage is an absolute path.");

    private final String summary;

    Rule(String summary) {
        this.summary = summary;
    }

    /// What the rule wants, in one sentence.
    public String summary() {
        return summary;
    }

    /// The rule's page, relative to the project's root.
    public String page() {
        String name = name().replaceAll("(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-");
        return "docs/lint/" + name.toLowerCase(Locale.ROOT) + ".md";
    }

    /// True if the rule is only applied on request.
    public boolean isExperimental() {
        return this == InvalidDefinitionDescription;
    }
}
