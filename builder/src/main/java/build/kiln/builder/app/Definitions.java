package build.kiln.builder.app;

import build.kiln.builder.failure.ShownUrl;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.plan.GitReference;
import build.kiln.builder.plan.NamedContext;
import build.kiln.builder.provenance.Definition;
import build.kiln.builder.provenance.Material;
import build.kiln.protocol.BuildRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What was asked for, as others may read it: without passwords, and without paths of a machine.
final class Definitions {

    private Definitions() {}

    /// Of a pod's request.
    static Definition of(BuildRequest request) {
        return new Definition(
                kind(request.source()),
                uri(request.source()),
                request.contextDir(),
                request.dockerfile(),
                request.target() == null ? "" : request.target(),
                request.buildArgs(),
                request.output().labels(),
                request.contexts(),
                request.secrets().stream().map(BuildRequest.RunSecret::id).toList(),
                request.ssh().stream().map(BuildRequest.SshKey::id).toList());
    }

    private static String kind(BuildRequest.Source source) {
        return switch (source) {
            case BuildRequest.Source.Git _ -> "git";
            case BuildRequest.Source.Archive _ -> "archive";
            case BuildRequest.Source.Image _ -> "image";
            case BuildRequest.Source.ConfigMap _ -> "configMap";
            case BuildRequest.Source.Inline _ -> "inline";
            case BuildRequest.Source.Flux _ -> "flux";
            case BuildRequest.Source.Volume _ -> "volume";
        };
    }

    private static String uri(BuildRequest.Source source) {
        return switch (source) {
            case BuildRequest.Source.Git git ->
                Material.gitUri(git.url(), git.revision() == null ? "" : git.revision());
            case BuildRequest.Source.Archive archive -> ShownUrl.bare(archive.url());
            case BuildRequest.Source.Flux flux -> ShownUrl.bare(flux.url());
            case BuildRequest.Source.Image image -> "docker-image://" + named(image.reference());
            case BuildRequest.Source.ConfigMap _, BuildRequest.Source.Inline _, BuildRequest.Source.Volume _ -> "";
        };
    }

    private static String named(String reference) {
        ImageReference image = PodSetup.reference("spec.source.image.reference", reference);
        return (image.digest() == null ? image.withTag(image.tagOrLatest()) : image).toString();
    }

    /// Of the command line.
    ///
    /// @param buildArgs with the values that the environment gave
    /// @param ssh the ids of agents
    static Definition of(
            BuildOptions options,
            Map<String, String> buildArgs,
            Map<String, String> labels,
            List<String> secrets,
            List<String> ssh) {
        String kind;
        String uri;
        String folder = ".";
        switch (ContextLocation.parse(options.context, "CONTEXT")) {
            case ContextLocation.Git(GitReference git) -> {
                kind = "git";
                uri = Material.gitUri(git.url(), git.revision());
                folder = git.folder().isEmpty() ? "." : git.folder();
            }
            case ContextLocation.Url(String url) -> {
                kind = "url";
                uri = ShownUrl.bare(url);
            }
            case ContextLocation.Folder _ -> {
                kind = "folder";
                uri = "";
            }
            case ContextLocation.Input _ -> {
                kind = "input";
                uri = "";
            }
        }
        return new Definition(
                kind,
                uri,
                folder,
                dockerfile(options.file),
                options.target,
                buildArgs,
                labels,
                contexts(options),
                secrets,
                ssh);
    }

    private static String dockerfile(@Nullable String file) {
        if (file == null) {
            return "Dockerfile";
        }
        Path path = Path.of(file);
        return path.isAbsolute() ? String.valueOf(path.getFileName()) : file;
    }

    private static Map<String, String> contexts(BuildOptions options) {
        Map<String, String> all = new TreeMap<>();
        Flags.keyValues("--build-context", options.buildContexts)
                .forEach((name, text) -> all.put(
                        name,
                        switch (NamedContext.parse(text)) {
                            case NamedContext.Image _ -> text;
                            case NamedContext.OciLayout _ -> "oci-layout";
                            case NamedContext.Tree(String location) ->
                                ContextLocation.parse(location, "--build-context " + name)
                                                instanceof ContextLocation.Folder
                                        ? "folder"
                                        : location;
                        }));
        return all;
    }
}
