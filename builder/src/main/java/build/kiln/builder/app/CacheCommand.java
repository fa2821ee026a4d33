package build.kiln.builder.app;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.Maker;
import build.kiln.builder.cache.verify.Finding;
import build.kiln.builder.cache.verify.Verifier;
import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// `kiln cache`: looks at the cache volume and puts it in order, beside builds that run.
@Command(
        name = "cache",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "ls|du|prune|verify",
        description = "Looks at the cache volume and puts it in order. Safe while builds run.")
final class CacheCommand {

    private final Environment environment;

    @Option(
            names = "--cache-dir",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "The cache volume's root. Default: $XDG_CACHE_HOME/kiln.")
    private @Nullable Path cacheDir;

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "Writes JSON instead of a table.")
    private boolean json;

    CacheCommand(Environment environment) {
        this.environment = environment;
    }

    private interface Work {
        ExitCode with(Cache cache) throws IOException;
    }

    @Command(name = "ls", mixinStandardHelpOptions = true, description = "Lists the steps, the last used first.")
    int list() {
        return run(cache -> {
            print(new CacheContents(cache).steps(), CacheContents::stepsTable);
            return ExitCode.SUCCESS;
        });
    }

    @Command(name = "du", mixinStandardHelpOptions = true, description = "Says what takes how much room.")
    int usage() {
        return run(cache -> {
            print(new CacheContents(cache).usage(), CacheContents::usageTable);
            return ExitCode.SUCCESS;
        });
    }

    @Command(
            name = "prune",
            mixinStandardHelpOptions = true,
            description = "Removes what nobody uses, the least recently used first.")
    int prune(
            @Option(names = "--max-size", paramLabel = "SIZE", description = "Until it takes no more than this: 10g.")
                    @Nullable
                    String maxSize,
            @Option(
                            names = "--older-than",
                            paramLabel = "TIME",
                            description = "What was not used for so long: 7d, 12h.")
                    @Nullable
                    String olderThan,
            @Option(names = "--all", description = "Everything that no live build uses.") boolean all,
            @Option(names = "--dry-run", description = "Says what would go, and removes nothing.") boolean dryRun) {
        return run(cache -> {
            CachePruning pruning = CachePruning.of(cache, maxSize, olderThan, all);
            print(dryRun ? pruning.plan() : pruning.run(), CachePruning::table);
            return ExitCode.SUCCESS;
        });
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = "Reads everything, and forgets what is damaged. Exit status 1 if there was anything.")
    int verify() {
        return run(cache -> {
            Verifier.Verified verified = new Verifier(cache, finding -> {
                        if (!json) {
                            environment.out().println(finding);
                        }
                    })
                    .verify();
            ObjectNode node = Json.object();
            node.put("blobs", verified.blobs());
            node.put("layers", verified.layers());
            node.put("records", verified.records());
            ArrayNode findings = node.putArray("findings");
            for (Finding finding : verified.findings()) {
                findings.addObject().put("entry", finding.entry()).put("fact", finding.fact());
            }
            print(
                    node,
                    _ -> String.format(
                            Locale.ROOT,
                            "Read %d blobs, %d layers and %d records. Damaged and forgotten: %d.%n",
                            verified.blobs(),
                            verified.layers(),
                            verified.records(),
                            verified.findings().size()));
            return verified.findings().isEmpty() ? ExitCode.SUCCESS : ExitCode.USER;
        });
    }

    private interface Table {
        String of(ObjectNode node);
    }

    private void print(ObjectNode node, Table table) {
        environment.out().print(json ? new String(Json.bytes(node), StandardCharsets.UTF_8) + "\n" : table.of(node));
    }

    private int run(Work work) {
        Path root = cacheDir == null ? environment.defaultCache() : cacheDir;
        if (!Files.isDirectory(root.resolve("steps"))) {
            throw new RequestFailure(
                    Reason.RequestInvalid,
                    "--cache-dir " + root,
                    "there is no cache in this folder.",
                    "Name the folder that \"kiln build --cache-dir\" had, or build something.");
        }
        try (Cache cache = Cache.open(root, Maker.named(environment.processName()))) {
            return work.with(cache).status();
        } catch (IOException e) {
            throw new PlatformFailure(
                    Reason.DiskFull,
                    root.toString(),
                    "the cache volume cannot be read or written: " + e + ".",
                    "Look at its owner and mode, and whether its disk is in order.",
                    e);
        }
    }
}
