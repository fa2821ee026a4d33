package build.kiln.builder.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The devices that this machine's administrator describes for containers, in the form of the Container Device
/// Interface: JSON or YAML files in `/etc/cdi` and `/var/run/cdi`.
///
/// @see <a href="https://github.com/cncf-tags/container-device-interface/blob/v1.0.0/SPEC.md">CDI 1.0.0</a>
public final class DeviceSpecs {

    private static final List<Path> FOLDERS = List.of(Path.of("/etc/cdi"), Path.of("/var/run/cdi"));
    private static final String CLASS = "org.mobyproject.buildkit.device.class";

    /// By full name, `vendor.com/class=name`.
    private final Map<String, Device> devices;

    private final List<Path> folders;

    /// @param common what every device of the file brings
    private record Device(JsonNode own, JsonNode common, String classWord) {}

    private DeviceSpecs(Map<String, Device> devices, List<Path> folders) {
        this.devices = devices;
        this.folders = folders;
    }

    /// @throws DeviceException if a file cannot be read
    public static DeviceSpecs ofThisMachine() throws DeviceException {
        return in(FOLDERS);
    }

    /// @param folders a device in a later one replaces that of the same name in an earlier one
    static DeviceSpecs in(List<Path> folders) throws DeviceException {
        Map<String, Device> devices = new TreeMap<>();
        for (Path folder : folders) {
            for (Path file : specs(folder)) {
                add(devices, file);
            }
        }
        return new DeviceSpecs(devices, folders);
    }

    private static List<Path> specs(Path folder) throws DeviceException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().matches(".*\\.(json|ya?ml)"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new DeviceException("The folder " + folder + " cannot be read: " + e.getMessage() + ".");
        }
    }

    private static void add(Map<String, Device> devices, Path file) throws DeviceException {
        ObjectMapper mapper =
                file.toString().endsWith(".json") ? JsonMapper.builder().build() : new YAMLMapper();
        JsonNode spec;
        try {
            spec = mapper.readTree(file.toFile());
        } catch (JsonProcessingException e) {
            throw new DeviceException("The device specification " + file + " is not well-formed: "
                    + e.getOriginalMessage().lines().findFirst().orElse("") + ".");
        } catch (IOException e) {
            throw new DeviceException("The device specification " + file + " cannot be read: " + e.getMessage() + ".");
        }
        String kind = spec.path("kind").asText();
        if (!kind.matches("[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Za-z0-9][A-Za-z0-9_-]*")) {
            throw new DeviceException("The device specification " + file + " has the kind \"" + kind
                    + "\", which is not of the form vendor.com/class.");
        }
        String classOfAll = spec.path("annotations").path(CLASS).asText();
        for (JsonNode device : spec.path("devices")) {
            String classWord = device.path("annotations").path(CLASS).asText(classOfAll);
            devices.put(
                    kind + "=" + device.path("name").asText(),
                    new Device(device.path("containerEdits"), spec.path("containerEdits"), classWord));
        }
    }

    /// The devices that a name stands for: `vendor.com/class=name` for that one, or else for those whose annotation has
    /// `name` as their class; `vendor.com/class=*` for all of the kind; `vendor.com/class` for its first.
    public List<String> find(String name) {
        int equals = name.indexOf('=');
        String kind = (equals < 0 ? name : name.substring(0, equals)) + "=";
        String which = equals < 0 ? "" : name.substring(equals + 1);
        Stream<String> ofKind = devices.keySet().stream().filter(one -> one.startsWith(kind));
        return switch (which) {
            case "" -> ofKind.limit(1).toList();
            case "*" -> ofKind.toList();
            default ->
                devices.containsKey(name)
                        ? List.of(name)
                        : ofKind.filter(one -> Optional.ofNullable(devices.get(one))
                                        .filter(device -> device.classWord().equals(which))
                                        .isPresent())
                                .toList();
        };
    }

    /// What to say of a name that stands for no device.
    public DeviceException unknown(String name) {
        String places = folders.stream().map(Path::toString).collect(Collectors.joining(" and "));
        String there = devices.isEmpty() ? "which describe none" : "which have " + String.join(", ", devices.keySet());
        return new DeviceException("There is no device \"" + name + "\" in " + places + ", " + there + ".");
    }

    /// What a process needs to use these devices.
    ///
    /// @param names full names that [#find] gave
    /// @throws DeviceException if a device is described and not there, or in a way that cannot be followed
    public DeviceAccess access(List<String> names) throws DeviceException {
        DeviceEdits edits = new DeviceEdits();
        Map<JsonNode, String> common = new LinkedHashMap<>();
        List<String> distinct = new ArrayList<>(names.stream().distinct().toList());
        for (String name : distinct) {
            Device device = devices.get(name);
            if (device == null) {
                throw unknown(name);
            }
            edits.add(name, device.own());
            common.putIfAbsent(device.common(), name);
        }
        for (Map.Entry<JsonNode, String> entry : common.entrySet()) {
            edits.add(entry.getValue(), entry.getKey());
        }
        return edits.access();
    }
}
