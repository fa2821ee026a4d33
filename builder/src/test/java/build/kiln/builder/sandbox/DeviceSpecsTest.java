package build.kiln.builder.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceSpecsTest {

    @TempDir
    private Path own;

    private Path etc;
    private Path run;

    @BeforeEach
    void describeDevices() throws IOException {
        etc = Files.createDirectory(own.resolve("etc"));
        run = own.resolve("run");
        Files.writeString(etc.resolve("a.yaml"), """
                cdiVersion: "0.6.0"
                kind: vendor1.com/gpu
                containerEdits:
                  env: ["VISIBLE=all"]
                devices:
                  - name: "0"
                    annotations: {org.mobyproject.buildkit.device.class: fast}
                    containerEdits:
                      env: ["GPU=zero"]
                      additionalGids: [44]
                      deviceNodes: [{path: /dev/gpu0, hostPath: /dev/null}]
                      hooks: [{hookName: createContainer, path: /bin/true, args: ["true"]}]
                  - name: "1"
                    containerEdits:
                      mounts: [{hostPath: /etc/hostname, containerPath: /lib/gpu, options: [ro, nosuid]}]
                """);
        Files.writeString(etc.resolve("b.json"), """
                {"cdiVersion": "0.6.0", "kind": "vendor2.com/net", "devices": [
                  {"name": "lost", "containerEdits": {"deviceNodes": [{"path": "/dev/there-is-no-such-device"}]}},
                  {"name": "rdt", "containerEdits": {"intelRdt": {"closID": "x"}}}]}
                """);
    }

    @Test
    void aDeviceBringsWhatItAndItsFileSay() throws Exception {
        DeviceAccess access = specs().access(List.of("vendor1.com/gpu=0", "vendor1.com/gpu=1", "vendor1.com/gpu=0"));
        assertThat(access.environment()).containsExactly("GPU=zero", "VISIBLE=all");
        assertThat(access.groups()).containsExactly(44L);
        assertThat(access.mounts())
                .containsExactly(
                        new SandboxMount.Bind(Path.of("/dev/null"), "/dev/gpu0", SandboxMount.Access.READ_WRITE),
                        new SandboxMount.Bind(
                                Path.of("/etc/hostname"),
                                "/lib/gpu",
                                SandboxMount.Access.READ_ONLY,
                                List.of("nosuid")));
        assertThat(access.hooks()).hasToString("{\"createContainer\":[{\"path\":\"/bin/true\",\"args\":[\"true\"]}]}");
    }

    @Test
    void aNameIsADeviceOrAClassOrAllOrTheFirst() throws Exception {
        DeviceSpecs specs = specs();
        assertThat(specs.find("vendor1.com/gpu=1")).containsExactly("vendor1.com/gpu=1");
        assertThat(specs.find("vendor1.com/gpu=fast")).containsExactly("vendor1.com/gpu=0");
        assertThat(specs.find("vendor1.com/gpu=*")).containsExactly("vendor1.com/gpu=0", "vendor1.com/gpu=1");
        assertThat(specs.find("vendor1.com/gpu")).containsExactly("vendor1.com/gpu=0");
        assertThat(specs.find("vendor1.com/gp")).isEmpty();
        assertThat(specs.find("vendor1.com/gpu=2")).isEmpty();
    }

    @Test
    void aLaterFolderReplacesADeviceOfAnEarlierOne() throws Exception {
        Files.createDirectory(run);
        Files.writeString(
                run.resolve("a.json"),
                "{\"kind\": \"vendor1.com/gpu\", \"devices\": [{\"name\": \"0\", \"containerEdits\": {\"env\": [\"NEW=1\"]}}]}");
        assertThat(specs().access(List.of("vendor1.com/gpu=0")).environment()).containsExactly("NEW=1");
    }

    @Test
    void whatIsNotThereIsToldByName() throws Exception {
        DeviceSpecs specs = specs();
        assertThat(specs.unknown("vendor1.com/gpu=7"))
                .hasMessage("There is no device \"vendor1.com/gpu=7\" in " + etc + " and " + run
                        + ", which have vendor1.com/gpu=0, vendor1.com/gpu=1, vendor2.com/net=lost,"
                        + " vendor2.com/net=rdt.");
        assertThatThrownBy(() -> specs.access(List.of("vendor2.com/net=lost")))
                .isInstanceOf(DeviceException.class)
                .hasMessage("The device \"vendor2.com/net=lost\" needs /dev/there-is-no-such-device, which is not"
                        + " there.");
        assertThatThrownBy(() -> specs.access(List.of("vendor2.com/net=rdt")))
                .isInstanceOf(DeviceException.class)
                .hasMessage("The device \"vendor2.com/net=rdt\" asks for \"intelRdt\", which a builder in a user"
                        + " namespace cannot give.");
    }

    @Test
    void mountsHaveTheirOptionsAndTheLastOfRoAndRwCounts() throws Exception {
        device("{\"mounts\": [{\"hostPath\": \"/etc/hostname\", \"containerPath\": \"/n\", \"type\": \"bind\","
                + " \"options\": [\"ro\", \"rbind\", \"noexec\", \"nodev\", \"rw\"]}]}");
        assertThat(specs().access(List.of("vendor3.com/x=0")).mounts())
                .containsExactly(new SandboxMount.Bind(
                        Path.of("/etc/hostname"), "/n", SandboxMount.Access.READ_WRITE, List.of("noexec", "nodev")));
    }

    @Test
    void whatCannotBeFollowedIsRefused() throws Exception {
        device("{\"env\": [\"GPU\"]}");
        assertThatThrownBy(() -> specs().access(List.of("vendor3.com/x=0")))
                .hasMessage("The device \"vendor3.com/x=0\" sets the variable \"GPU\", which is not of the form"
                        + " NAME=VALUE.");
        device("{\"mounts\": [{\"hostPath\": \"/etc\", \"containerPath\": \"/n\", \"options\": [\"suid\"]}]}");
        assertThatThrownBy(() -> specs().access(List.of("vendor3.com/x=0")))
                .hasMessage("The device \"vendor3.com/x=0\" asks for the mount option \"suid\"; there are bind, rbind,"
                        + " private, rprivate, ro, rw, nosuid, nodev, noexec.");
        device("{\"mounts\": [{\"hostPath\": \"/etc\", \"containerPath\": \"/n\", \"type\": \"tmpfs\"}]}");
        assertThatThrownBy(() -> specs().access(List.of("vendor3.com/x=0")))
                .hasMessage("The device \"vendor3.com/x=0\" asks for a mount of type \"tmpfs\"; only \"bind\" can be"
                        + " given.");
    }

    private void device(String edits) throws IOException {
        Files.writeString(
                etc.resolve("x.json"),
                "{\"kind\": \"vendor3.com/x\", \"devices\": [{\"name\": \"0\", \"containerEdits\": " + edits + "}]}");
    }

    @Test
    void aBrokenFileIsToldByName() throws IOException {
        Path broken = etc.resolve("c.json");
        Files.writeString(broken, "{\"kind\": ");
        assertThatThrownBy(this::specs)
                .isInstanceOf(DeviceException.class)
                .hasMessageStartingWith("The device specification " + broken + " is not well-formed: ");
        Files.writeString(broken, "{\"kind\": \"gpu\"}");
        assertThatThrownBy(this::specs)
                .hasMessage("The device specification " + broken
                        + " has the kind \"gpu\", which is not of the form vendor.com/class.");
    }

    private DeviceSpecs specs() throws DeviceException {
        return DeviceSpecs.in(List.of(etc, run));
    }
}
