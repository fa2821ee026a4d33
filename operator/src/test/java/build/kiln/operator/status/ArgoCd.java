package build.kiln.operator.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.luaj.vm2.Globals;
import org.luaj.vm2.LoadState;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;
import org.luaj.vm2.compiler.LuaC;
import org.luaj.vm2.lib.PackageLib;
import org.luaj.vm2.lib.TableLib;
import org.luaj.vm2.lib.jse.JseBaseLib;
import org.luaj.vm2.lib.jse.JseOsLib;

/// Argo CD with the `argocd-cm` of `examples/gitops/argocd`: what its Lua makes of a resource.
///
/// The scripts get what Argo CD gives them when `useOpenLibs` is not set, and nothing more: the base functions,
/// `table`,
/// `require`, and an `os` with `date` and `time` that is no global but has to be required. Not: `string`, `math`, `io`.
///
/// @see <a href="https://github.com/argoproj/argo-cd/blob/v2.14.2/util/lua/lua.go">Argo CD, lua.go</a>
final class ArgoCd {

    static final Path EXAMPLES = Path.of("..", "examples", "gitops", "argocd");

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final JsonNode CONFIG =
            read(EXAMPLES.resolve("argocd-cm.yaml")).path("data");
    private static final String KIND = "kiln.build_ImageBuild";

    /// @param status the health, in Argo CD's own word
    record Health(String status, String message) {}

    private ArgoCd() {}

    static String healthScript() {
        return CONFIG.path("resource.customizations.health." + KIND).asText();
    }

    static String discoveryScript() {
        return actionScripts().path("discovery.lua").asText();
    }

    /// The scripts of the actions by name.
    static Map<String, String> definitions() {
        Map<String, String> scripts = new TreeMap<>();
        actionScripts()
                .path("definitions")
                .forEach(d -> scripts.put(
                        d.path("name").asText(), d.path("action.lua").asText()));
        return scripts;
    }

    private static JsonNode actionScripts() {
        return parse(CONFIG.path("resource.customizations.actions." + KIND).asText());
    }

    static Health health(JsonNode resource) {
        JsonNode said = run(healthScript(), resource);
        return new Health(said.path("status").asText(), said.path("message").asText());
    }

    /// The actions that are offered, and whether each can be chosen.
    static Map<String, Boolean> actions(JsonNode resource) {
        Map<String, Boolean> actions = new TreeMap<>();
        run(discoveryScript(), resource)
                .properties()
                .forEach(a ->
                        actions.put(a.getKey(), !a.getValue().path("disabled").asBoolean()));
        return actions;
    }

    /// The resource as the action leaves it.
    static JsonNode act(String action, JsonNode resource) {
        String script = definitions().get(action);
        if (script == null) {
            throw new AssertionError("There is no action " + action + "; there is "
                    + definitions().keySet());
        }
        return run(script, resource);
    }

    private static JsonNode run(String script, JsonNode resource) {
        Globals globals = sandbox();
        globals.set("obj", toLua(resource));
        LuaValue returned = globals.load(script, "script").call();
        if (!returned.istable()) {
            throw new AssertionError(
                    "The script returned a " + returned.typename() + " instead of a table:\n" + script);
        }
        return parse(toJson(returned.checktable(), resource).toString());
    }

    private static Globals sandbox() {
        Globals globals = new Globals();
        globals.load(new JseBaseLib());
        globals.load(new PackageLib());
        globals.load(new TableLib());
        globals.load(new JseOsLib());
        LuaTable os = new LuaTable();
        for (String safe : List.of("date", "time")) {
            os.set(safe, globals.get("os").get(safe));
        }
        globals.get("package").get("loaded").set("os", os);
        for (String closed : List.of("os", "dofile", "loadfile")) {
            globals.set(closed, LuaValue.NIL);
        }
        LoadState.install(globals);
        LuaC.install(globals);
        return globals;
    }

    private static LuaValue toLua(JsonNode node) {
        if (node.isObject() || node.isArray()) {
            LuaTable table = new LuaTable();
            if (node.isArray()) {
                for (int i = 0; i < node.size(); i++) {
                    table.set(i + 1, toLua(node.get(i)));
                }
            }
            node.properties().forEach(p -> table.set(p.getKey(), toLua(p.getValue())));
            return table;
        }
        if (node.isNumber()) {
            return LuaValue.valueOf(node.doubleValue());
        }
        if (node.isBoolean()) {
            return LuaValue.valueOf(node.booleanValue());
        }
        return node.isNull() ? LuaValue.NIL : LuaValue.valueOf(node.asText());
    }

    /// @param before what the table was made of, if it was: Lua does not know an empty object from an empty list
    private static JsonNode toJson(LuaValue value, JsonNode before) {
        if (value.istable()) {
            LuaTable table = value.checktable();
            boolean isList =
                    table.length() > 0 || table.next(LuaValue.NIL).arg1().isnil() && !before.isObject();
            return isList ? toList(table, before) : toObject(table, before);
        }
        JsonNodeFactory json = JsonNodeFactory.instance;
        if (value.isboolean()) {
            return json.booleanNode(value.toboolean());
        }
        if (value.type() == LuaValue.TNUMBER) {
            double number = value.todouble();
            return number == Math.rint(number) ? json.numberNode((long) number) : json.numberNode(number);
        }
        return json.textNode(value.checkjstring());
    }

    private static JsonNode toList(LuaTable table, JsonNode before) {
        var list = JsonNodeFactory.instance.arrayNode();
        for (int i = 1; i <= table.length(); i++) {
            list.add(toJson(table.get(i), before.path(i - 1)));
        }
        return list;
    }

    private static ObjectNode toObject(LuaTable table, JsonNode before) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        Varargs entry = table.next(LuaValue.NIL);
        while (!entry.arg1().isnil()) {
            String key = entry.arg1().checkjstring();
            object.set(key, toJson(entry.arg(2), before.path(key)));
            entry = table.next(entry.arg1());
        }
        return object;
    }

    static JsonNode parse(String yaml) {
        try {
            return YAML.readTree(yaml);
        } catch (JsonProcessingException e) {
            throw new AssertionError(yaml, e);
        }
    }

    private static JsonNode read(Path file) {
        try {
            return parse(Files.readString(file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
