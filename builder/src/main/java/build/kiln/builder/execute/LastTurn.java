package build.kiln.builder.execute;

/// The turn of the step that a stage has finished last. It is given back when the stage waits for something.
///
/// Builds that need the same steps wait together for the one that is at it. If they were woken as soon as it is done,
/// they would all take processors from the build that has the next step to prepare, for which they are going to wait as
/// well. A step is recorded by then: whoever comes later does not ask for its turn, and who waits looks twice a second.
///
/// For the thread of the stage alone.
final class LastTurn extends ForwardingProgress implements AutoCloseable {

    private StepTurns.StepTurn turn = StepTurns.unlocked();

    LastTurn(Progress progress) {
        super(progress);
    }

    /// A step is finished.
    void keep(StepTurns.StepTurn finished) {
        turn.close();
        turn = finished;
    }

    @Override
    public void waits() {
        close();
        super.waits();
    }

    @Override
    public void close() {
        keep(StepTurns.unlocked());
    }
}
