package build.kiln.builder.plan;

import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/// A step as bytes: that part of its cache key that its inputs do not cover. Steps that do the same have the same
/// bytes.
///
/// Inputs are the state that the step starts from and the content of the files that it reads; so neither is named
/// here, only how the files are read. Labels, lines, proxies and [Step#alwaysRuns] do not change what a step does.
/// Secrets and SSH agents count by their ids, never by what they hold.
public final class CanonicalStep {

    /// Part of every key: a change of this form, or of what a step does, must not find old results.
    private static final int VERSION = 1;

    private CanonicalStep() {}

    public static byte[] of(Step step) {
        ObjectNode node = Json.object();
        node.put("version", VERSION);
        switch (step) {
            case Step.Run run -> node.set("run", run(run));
            case Step.Copy copy -> node.set("copy", copy(copy));
            case Step.Workdir workdir -> {
                ObjectNode inner = node.putObject("workdir");
                inner.put("path", workdir.path());
                inner.put("owner", workdir.owner());
            }
        }
        return Json.bytes(node);
    }

    private static ObjectNode run(Step.Run run) {
        ObjectNode node = Json.object();
        node.set("args", Json.of(run.args()));
        node.set("env", Json.of(run.env()));
        node.put("user", run.user());
        node.put("cwd", run.cwd());
        put(node, "stdin", run.stdin());
        node.put("network", run.network().name());
        node.put("security", run.security().name());
        ArrayNode mounts = node.putArray("mounts");
        run.mounts().forEach(mount -> mounts.add(mount(mount)));
        if (!run.devices().isEmpty()) {
            ArrayNode devices = node.putArray("devices");
            run.devices()
                    .forEach(device ->
                            devices.addObject().put("name", device.name()).put("required", device.required()));
        }
        return node;
    }

    private static ObjectNode mount(Step.Mount mount) {
        ObjectNode node = Json.object();
        switch (mount) {
            case Step.Mount.Bind bind -> {
                node.put("type", "bind");
                node.put("kind", kind(bind.from()));
                node.put("source", bind.source());
                node.put("target", bind.target());
                node.put("writable", bind.writable());
            }
            case Step.Mount.Cache cache -> {
                node.put("type", "cache");
                node.put("id", cache.id());
                node.put("kind", kind(cache.from()));
                node.put("source", cache.source());
                node.put("target", cache.target());
                node.put("readOnly", cache.readOnly());
                putOwner(node, cache.mode(), cache.uid(), cache.gid());
            }
            case Step.Mount.Secret secret -> {
                node.put("type", "secret");
                node.put("id", secret.id());
                put(node, "target", secret.target());
                put(node, "env", secret.env());
                node.put("required", secret.required());
                putOwner(node, secret.mode(), secret.uid(), secret.gid());
            }
            case Step.Mount.Ssh ssh -> {
                node.put("type", "ssh");
                node.put("id", ssh.id());
                node.put("target", ssh.target());
                node.put("required", ssh.required());
                putOwner(node, ssh.mode(), ssh.uid(), ssh.gid());
            }
            case Step.Mount.Tmpfs tmpfs -> {
                node.put("type", "tmpfs");
                node.put("target", tmpfs.target());
                node.put("sizeBytes", tmpfs.sizeBytes());
            }
            case Step.Mount.Inline inline -> {
                node.put("type", "inline");
                node.put("target", inline.target());
                node.put("text", inline.text());
                node.put("mode", inline.mode());
            }
        }
        return node;
    }

    private static ObjectNode copy(Step.Copy copy) {
        ObjectNode node = Json.object();
        ArrayNode sources = node.putArray("sources");
        copy.sources().forEach(source -> sources.add(source(source)));
        node.put("destination", copy.destination());
        put(node, "chown", copy.chown());
        put(node, "chmod", copy.chmod());
        node.put("link", copy.link());
        node.put("parents", copy.parents());
        node.set("excludes", Json.of(copy.excludes()));
        return node;
    }

    private static ObjectNode source(Step.CopySource source) {
        ObjectNode node = Json.object();
        switch (source) {
            case Step.CopySource.Files files -> {
                node.put("type", "files");
                node.put("kind", kind(files.from()));
                node.put("pattern", files.pattern());
                node.put("pivot", files.pivot());
                node.put("unpack", files.unpack());
            }
            case Step.CopySource.Inline inline -> {
                node.put("type", "inline");
                node.put("name", inline.name());
                node.put("text", inline.text());
            }
            case Step.CopySource.Url url -> {
                node.put("type", "url");
                node.put("name", url.name());
                node.put("unpack", url.unpack());
            }
            case Step.CopySource.Git git -> {
                node.put("type", "git");
                node.put("folder", git.repository().folder());
                node.put("keepGitDir", git.keepGitDir());
                node.put("submodules", !Boolean.FALSE.equals(git.repository().submodules()));
            }
        }
        return node;
    }

    /// Files of a context belong to root, those of an image to whom they belong there: that alone is not content.
    private static String kind(FileSource source) {
        return switch (source) {
            case FileSource.Context() -> "context";
            case FileSource.NamedContext named -> "context";
            case FileSource.Stage stage -> "image";
            case FileSource.Image image -> "image";
            case FileSource.Empty() -> "empty";
        };
    }

    private static void putOwner(ObjectNode node, int mode, int uid, int gid) {
        node.put("mode", mode);
        node.put("uid", uid);
        node.put("gid", gid);
    }

    private static void put(ObjectNode node, String member, @Nullable String text) {
        if (text != null) {
            node.put(member, text);
        }
    }
}
