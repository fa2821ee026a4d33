package build.kiln.builder.app;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.plan.NamedContext;
import build.kiln.builder.source.git.GitTokens;
import build.kiln.builder.source.layout.LayoutAddress;
import java.util.HashMap;
import java.util.Map;

/// The named contexts of a build, by name.
///
/// @param all what each name stands for
/// @param files how those that are files are obtained
record NamedContexts(Map<String, NamedContext> all, Map<String, NamedFiles> files) {

    NamedContexts {
        all = Map.copyOf(all);
        files = Map.copyOf(files);
    }

    /// Those of `--build-context NAME=WHERE`.
    ///
    /// @param tokens secrets for private repositories
    /// @throws RequestFailure `RequestInvalid`
    static NamedContexts ofCommandLine(Map<String, String> texts, GitTokens tokens) {
        Map<String, NamedContext> all = new HashMap<>();
        Map<String, NamedFiles> files = new HashMap<>();
        texts.forEach((name, text) -> {
            String flag = "--build-context " + name;
            NamedContext context = NamedContext.parse(text);
            all.put(name, context);
            switch (context) {
                case NamedContext.Tree(String location) ->
                    files.put(name, NamedFiles.ofCommandLine(location, tokens, flag));
                case NamedContext.OciLayout(String location) -> LayoutAddress.parse(location, flag);
                case NamedContext.Image _ -> {}
            }
        });
        return new NamedContexts(all, files);
    }

    /// Those of `spec.contexts`.
    ///
    /// @param tokens secrets for private repositories
    /// @throws RequestFailure `RequestInvalid` also for what lies on a machine of the user's
    static NamedContexts ofResource(Map<String, String> texts, GitTokens tokens) {
        Map<String, NamedContext> all = new HashMap<>();
        Map<String, NamedFiles> files = new HashMap<>();
        texts.forEach((name, text) -> {
            String field = "spec.contexts." + name;
            NamedContext context = NamedContext.parse(text);
            all.put(name, context);
            switch (context) {
                case NamedContext.Tree(String location) ->
                    files.put(name, NamedFiles.ofResource(location, tokens, field));
                case NamedContext.OciLayout _ ->
                    throw new RequestFailure(
                            Reason.RequestInvalid,
                            field,
                            "\"" + text + "\" is a folder of the machine that builds, and a pod has none of yours.",
                            "Push the image to a registry, and name it with docker-image://REFERENCE.");
                case NamedContext.Image _ -> {}
            }
        });
        return new NamedContexts(all, files);
    }
}
