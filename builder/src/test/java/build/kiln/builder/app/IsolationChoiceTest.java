package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.sandbox.IdMap;
import build.kiln.builder.sandbox.Isolation;
import build.kiln.builder.sandbox.Isolation.LeftOut;
import build.kiln.builder.sandbox.Isolation.Rung;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IsolationChoiceTest {

    private static final Environment ENVIRONMENT = new Environment(
            Map.of("KILN_NAMESPACES_REFUSED", "user namespaces are switched off."),
            System.out,
            System.err,
            Clock.systemUTC());
    private static final Isolation CHROOT = new Isolation(
            Rung.CHROOT,
            new IdMap(List.of(), List.of()),
            List.of(
                    new LeftOut(Rung.USERNS, "There are no namespaces. Allow them."),
                    new LeftOut(Rung.NESTED, "There are none for it, too.")),
            List.of());

    @Test
    void whatIsGoodEnoughIsTaken() {
        assertThatCode(() ->
                        IsolationChoice.ofFlags("auto", "chroot", ENVIRONMENT).require(CHROOT))
                .doesNotThrowAnyException();
        assertThatCode(() -> IsolationChoice.best(ENVIRONMENT).require(CHROOT)).doesNotThrowAnyException();
    }

    @Test
    void lessThanTheMinimumIsAFailureThatNamesFieldAndReasons() {
        IsolationChoice choice =
                new IsolationChoice(Rung.USERNS, Rung.NESTED, "spec.isolation.minimum", List.of(), null);
        assertThatThrownBy(() -> choice.require(CHROOT))
                .isInstanceOf(PlatformFailure.class)
                .hasMessage("spec.isolation.minimum: the build has to have the isolation \"nested\" or better, and here"
                        + " it would have \"chroot\". userns: There are no namespaces. Allow them. nested: There are"
                        + " none for it, too. Change what is in the way, or ask for less.");
    }

    @Test
    void aRungOfTheFlagIsThatOneAndNoOther() {
        IsolationChoice choice = IsolationChoice.ofFlags("nested", "", ENVIRONMENT);
        assertThat(choice.strongest()).isEqualTo(Rung.NESTED);
        assertThatThrownBy(() -> choice.require(CHROOT)).hasMessageStartingWith("--isolation: the build has to have");
    }

    @Test
    void aRungThatIsNoneIsNamed() {
        assertThatThrownBy(() -> IsolationChoice.ofFlags("hyperv", "", ENVIRONMENT))
                .isInstanceOf(RequestFailure.class)
                .hasMessageContaining("hyperv")
                .hasMessageContaining("Choose userns, nested, chroot or assemble.");
    }

    @Test
    void whatTheOperatorKnowsBetterIsSaidInItsWords() {
        IsolationChoice choice = new IsolationChoice(
                Rung.USERNS,
                Rung.ASSEMBLE,
                "",
                List.of(new LeftOut(Rung.USERNS, "The namespace does not admit it.")),
                null);
        assertThat(choice.inBetterWords(CHROOT).leftOut())
                .containsExactly(
                        new LeftOut(Rung.USERNS, "The namespace does not admit it."),
                        new LeftOut(Rung.NESTED, "There are none for it, too."));
    }

    @Test
    void theRefusalOfTheNamespacesIsKept() {
        assertThat(IsolationChoice.best(ENVIRONMENT).refusal()).isEqualTo("user namespaces are switched off.");
    }
}
