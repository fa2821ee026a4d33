package build.kiln.builder.app;

import build.kiln.builder.execute.ForwardingProgress;
import build.kiln.builder.execute.Progress;
import build.kiln.builder.linux.OpenFile;
import build.kiln.builder.plan.Plan;
import build.kiln.builder.plan.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives back the turn in which the launcher let this build start (see the file `start-turn`): as soon as the build
/// waits for something other than a processor, or is going to run nothing.
final class StartTurn extends ForwardingProgress {

    private static final Logger LOG = LoggerFactory.getLogger(StartTurn.class);

    /// What the names of the files begin with that the launcher locks.
    private static final String FILE = "kiln-start-";

    private final OpenFile turn;
    private final AtomicBoolean over = new AtomicBoolean();

    private StartTurn(Progress progress, OpenFile turn) {
        super(progress);
        this.turn = turn;
    }

    /// The same progress, which watches for the moment where the start is over, if this build was let start in a turn.
    static Progress watched(Progress progress, Environment environment) {
        String number = environment.get("KILN_START_TURN");
        return number != null && isTurn(number)
                ? new StartTurn(progress, OpenFile.inherited(Integer.parseInt(number)))
                : progress;
    }

    /// The variable alone may be that of a process above, whose file is none of ours.
    private static boolean isTurn(String number) {
        try {
            return number.matches("[0-9]{1,4}")
                    && Files.readSymbolicLink(Path.of("/proc/self/fd", number))
                            .getFileName()
                            .toString()
                            .startsWith(FILE);
        } catch (IOException e) {
            return false;
        }
    }

    private void giveBack() {
        if (!over.getAndSet(true)) {
            try {
                turn.close();
            } catch (IOException e) {
                LOG.debug("The turn to start is given back with the end of the process: {}", e.toString());
            }
        }
    }

    @Override
    public void planned(Plan plan) {
        if (plan.stages().stream().flatMap(stage -> stage.steps().stream()).noneMatch(Step.Run.class::isInstance)) {
            giveBack();
        }
        super.planned(plan);
    }

    @Override
    public void waits() {
        giveBack();
        super.waits();
    }
}
