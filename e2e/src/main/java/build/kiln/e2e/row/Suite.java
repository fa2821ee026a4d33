package build.kiln.e2e.row;

import java.util.List;
import java.util.stream.Stream;

/// All rows, in the order in which they are tried: what every other row rests on first, what disturbs others last.
public final class Suite {

    private static final List<String> DATA = List.of(
            "inline",
            "git",
            "archive",
            "config-map",
            "image",
            "volume",
            "multi-stage",
            "userns",
            "nested",
            "chroot",
            "assemble",
            "assemble-run",
            "forbidden",
            "attack",
            "attack-nested",
            "attack-chroot",
            "attack-pids",
            "attack-pids-nested",
            "attack-pids-chroot",
            "private",
            "push-denied",
            "secret-missing",
            "run-fails",
            "dockerfile-wrong",
            "base-missing",
            "deadline",
            "out-of-memory",
            "unschedulable");

    private Suite() {}

    public static List<Row> rows() {
        return Stream.concat(
                        DATA.stream().map(BuildRow::read),
                        Stream.of(
                                new BadResources(),
                                new QuotaRaised(),
                                new QueuedByKueue(),
                                new Rebuilt(),
                                new TwoNamespaces(),
                                new Interrupted(Interrupted.How.EVICTED),
                                new Interrupted(Interrupted.How.DELETED),
                                new OperatorRestarted(),
                                new GreedyRun(),
                                new KeptFromMetadata(),
                                WrongSetting.builderImage(),
                                WrongSetting.storageClass()))
                .toList();
    }
}
