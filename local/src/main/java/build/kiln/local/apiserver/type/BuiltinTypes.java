package build.kiln.local.apiserver.type;

import build.kiln.local.apiserver.object.GroupResource;
import build.kiln.local.apiserver.type.ResourceType.Scope;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The kinds of Kubernetes that a builder's life needs.
public final class BuiltinTypes {

    public static final GroupResource PODS = new GroupResource("", "pods");
    public static final GroupResource NAMESPACES = new GroupResource("", "namespaces");
    public static final GroupResource NODES = new GroupResource("", "nodes");
    public static final GroupResource SECRETS = new GroupResource("", "secrets");
    public static final GroupResource CONFIG_MAPS = new GroupResource("", "configmaps");
    public static final GroupResource SERVICE_ACCOUNTS = new GroupResource("", "serviceaccounts");
    public static final GroupResource CLAIMS = new GroupResource("", "persistentvolumeclaims");
    public static final GroupResource EVENTS = new GroupResource("", "events");
    public static final GroupResource NEW_EVENTS = new GroupResource("events.k8s.io", "events");
    public static final GroupResource LEASES = new GroupResource("coordination.k8s.io", "leases");
    public static final GroupResource DEFINITIONS =
            new GroupResource("apiextensions.k8s.io", "customresourcedefinitions");
    public static final GroupResource ACCESS_REVIEWS =
            new GroupResource("authorization.k8s.io", "selfsubjectaccessreviews");
    public static final GroupResource RULES_REVIEWS =
            new GroupResource("authorization.k8s.io", "selfsubjectrulesreviews");
    public static final GroupResource SUBJECT_REVIEWS =
            new GroupResource("authentication.k8s.io", "selfsubjectreviews");

    static final Set<String> ALL_VERBS =
            Set.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");

    private BuiltinTypes() {}

    static List<ResourceType> all() {
        return List.of(
                named(PODS, "Pod", Scope.NAMESPACED)
                        .shortNames("po")
                        .categories("all")
                        .subresources("status", "log", "eviction", "binding")
                        .selectable(
                                "spec.nodeName",
                                "spec.restartPolicy",
                                "spec.schedulerName",
                                "spec.serviceAccountName",
                                "status.phase",
                                "status.podIP",
                                "status.nominatedNodeName")
                        .type(),
                named(NAMESPACES, "Namespace", Scope.CLUSTER)
                        .shortNames("ns")
                        .subresources("status")
                        .selectable("status.phase")
                        .type(),
                named(NODES, "Node", Scope.CLUSTER)
                        .shortNames("no")
                        .subresources("status")
                        .selectable("spec.unschedulable")
                        .type(),
                named(SECRETS, "Secret", Scope.NAMESPACED).selectable("type").type(),
                named(CONFIG_MAPS, "ConfigMap", Scope.NAMESPACED)
                        .shortNames("cm")
                        .type(),
                named(SERVICE_ACCOUNTS, "ServiceAccount", Scope.NAMESPACED)
                        .shortNames("sa")
                        .type(),
                named(CLAIMS, "PersistentVolumeClaim", Scope.NAMESPACED)
                        .shortNames("pvc")
                        .subresources("status")
                        .type(),
                events(EVENTS, "involvedObject"),
                events(NEW_EVENTS, "regarding"),
                named(LEASES, "Lease", Scope.NAMESPACED).type(),
                named(DEFINITIONS, "CustomResourceDefinition", Scope.CLUSTER)
                        .shortNames("crd", "crds")
                        .categories("api-extensions")
                        .subresources("status")
                        .type(),
                review(ACCESS_REVIEWS, "SelfSubjectAccessReview"),
                review(RULES_REVIEWS, "SelfSubjectRulesReview"),
                review(SUBJECT_REVIEWS, "SelfSubjectReview"));
    }

    private static ResourceType events(GroupResource resource, String about) {
        return named(resource, "Event", Scope.NAMESPACED)
                .shortNames("ev")
                .stored(EVENTS)
                .selectable("reason", "type", "reportingComponent")
                .selectableAs("source", ".source.component")
                .selectableBelow("involvedObject")
                .selectableBelow(about)
                .type();
    }

    private static ResourceType review(GroupResource resource, String kind) {
        return named(resource, kind, Scope.CLUSTER).verbs("create").type();
    }

    private static Builder named(GroupResource resource, String kind, Scope scope) {
        return new Builder(resource, kind, scope);
    }

    private static final class Builder {

        private final GroupResource resource;
        private final String kind;
        private final Scope scope;
        private final Map<String, JsonPath> selectable = new HashMap<>();
        private List<String> shortNames = List.of();
        private List<String> categories = List.of();
        private Set<String> verbs = ALL_VERBS;
        private Set<String> subresources = Set.of();
        private GroupResource stored;

        Builder(GroupResource resource, String kind, Scope scope) {
            this.resource = resource;
            this.kind = kind;
            this.scope = scope;
            this.stored = resource;
        }

        Builder shortNames(String... names) {
            shortNames = List.of(names);
            return this;
        }

        Builder categories(String... names) {
            categories = List.of(names);
            return this;
        }

        Builder verbs(String... names) {
            verbs = Set.of(names);
            return this;
        }

        Builder subresources(String... names) {
            subresources = Set.of(names);
            return this;
        }

        Builder stored(GroupResource where) {
            stored = where;
            return this;
        }

        Builder selectable(String... fields) {
            for (String field : fields) {
                selectable.put(field, JsonPath.parse("." + field));
            }
            return this;
        }

        Builder selectableAs(String field, String path) {
            selectable.put(field, JsonPath.parse(path));
            return this;
        }

        /// The fields of an object reference. Events are matched as they are stored: in the core group's form.
        Builder selectableBelow(String reference) {
            for (String part :
                    List.of("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")) {
                selectable.put(reference + "." + part, JsonPath.parse(".involvedObject." + part));
            }
            return this;
        }

        ResourceType type() {
            String singular = kind.toLowerCase(java.util.Locale.ROOT);
            return new ResourceType(
                    resource,
                    "v1",
                    kind,
                    singular,
                    shortNames,
                    categories,
                    scope,
                    verbs,
                    subresources,
                    stored,
                    List.of(),
                    selectable,
                    null);
        }
    }
}
