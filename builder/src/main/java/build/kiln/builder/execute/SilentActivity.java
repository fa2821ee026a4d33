package build.kiln.builder.execute;

/// A piece of work of which nothing is said.
public class SilentActivity implements Progress.Activity {

    @Override
    public void output(byte[] line) {}

    @Override
    public void detail(String text) {}

    @Override
    public void note(String text) {}

    @Override
    public void done(StepResult result) {}

    @Override
    public void failed(String message) {}
}
