package build.kiln.crds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the CRD lets in and what it refuses, rules evaluated.
class AdmissionTest {

    private static final String GOOD_SOURCE = "source: {volume: {claimName: src}}, ";
    private static final String GOOD_OUTPUT = "output: {image: registry.example.com/team-a/web:1.2}";
    private static final String IMAGE = Rules.IMAGE_REFERENCE_MESSAGE;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "source: {git: {url: 'https://git.example.com/a/b.git', revision: main, submodules: true, credentialsSecret: git-auth}}",
                "source: {git: {url: 'ssh://git@git.example.com:2222/a/b.git', revision: v1.2/fix_3}}",
                "source: {git: {url: 'git@git.example.com:a/b.git'}}",
                "source: {git: {url: 'http://10.0.0.1:3000/a'}}",
                "source: {inline: {files: {Dockerfile: FROM scratch, src/.hidden/a..b: x}}}",
                "source: {volume: {claimName: src, path: team/web}}",
                "source: {volume: {claimName: src}}, contextDir: a/b, dockerfile: docker/Dockerfile.web, timeout: 1h30m",
                "source: {volume: {claimName: src}}, timeout: 10s, retries: 0, platforms: [linux/amd64, linux/arm/v7]",
                "source: {volume: {claimName: src}}, timeout: 24h, retries: 10, suspend: true, cache: {scope: none}",
                "source: {volume: {claimName: src}}, cache: {readOnly: true}",
                "source: {volume: {claimName: src}}, pod: {labels: {a: b}, env: [{name: A, value: b}], nodeSelector: {x: y}}",
                "source: {configMap: {name: files}}, secrets: [{id: npmrc, secret: npm, key: .npmrc}], ssh: [{id: default, secret: k}]",
                "source: {volume: {claimName: src}}, contexts: {base: 'docker-image://localhost:5000/a:1@sha256:0a', none: 'docker-image://scratch', docs: 'https://git.example.com/docs.git#main:web', tool: 'http://example.com/tool'}",
                "source: {volume: {claimName: src}}, ssh: [{id: other, secret: a}, {id: default, secret: b}], contexts: {a: 'git@git.example.com:a/b.git#main', b: 'ssh://git@git.example.com:2222/a/b.git'}",
                "source: {flux: {kind: GitRepository, name: web}}, verify: {run: [/web, --version]}, rebuild: {schedule: '0 4 * * *'}",
            })
    void goodResourcesAreLetIn(String spec) {
        assertThat(SchemaJudge.judge(CrdTest.SCHEMA, resource(spec + ", " + GOOD_OUTPUT)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "web",
                "team/web",
                "localhost:5000/web",
                "registry.example.com/a/b/c:1.2-rc.1_x",
                "[::1]:5000/web:1",
                "a__b/c-d--e.f",
                "10.0.0.1:5000/web"
            })
    void imageReferencesAreLetIn(String image) {
        assertThat(SchemaJudge.judge(CrdTest.SCHEMA, resource(GOOD_SOURCE + "output: {image: '" + image + "'}")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Web",
                "https://registry.example.com/web",
                "web:",
                "web:a b",
                "/web",
                "web/",
                "a//b",
                "web@sha256:abc",
                "-a/web:1",
                "a..b/c/",
                "web:1:2"
            })
    void whatIsNoImageReferenceIsRefused(String image) {
        assertThat(SchemaJudge.judge(CrdTest.SCHEMA, resource(GOOD_SOURCE + "output: {image: '" + image + "'}")))
                .contains("spec.output.image: " + IMAGE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            source: {}                                                                  | spec.source: exactly one of git, archive, inline, configMap, volume, image and flux must be given
            source: {volume: {claimName: a}, git: {url: 'https://a.b/c'}}               | spec.source: exactly one of git, archive, inline, configMap, volume, image and flux must be given
            contextDir: .                                                               | spec.source: is required
            source: {git: {url: 'https://user:secret@a.b/c'}}                           | spec.source.git.url: a git URL starts with https://, http://, ssh:// or git://, or is user@host:path, and holds no password; put credentials into a Secret and name it in credentialsSecret
            source: {git: {url: 'file:///etc'}}                                         | spec.source.git.url: a git URL starts with https://, http://, ssh:// or git://, or is user@host:path, and holds no password; put credentials into a Secret and name it in credentialsSecret
            source: {git: {url: 'https://a.b/c', revision: '--upload-pack=x'}}          | spec.source.git.revision: does not match ^[^-\\s]\\S*$
            source: {git: {url: 'https://a.b/c', credentialsSecret: A_B}}               | spec.source.git.credentialsSecret: does not match ^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$
            source: {git: {revision: main}}                                             | spec.source.git.url: is required
            source: {archive: {url: 'ftp://a.b/c'}}                                     | spec.source.archive.url: the URL must start with http:// or https:// and hold no user name or password; put credentials into a Secret and name it in credentialsSecret
            source: {archive: {url: 'http://a.b/c', sha256: abc}}                       | spec.source.archive.sha256: does not match ^[a-f0-9]{64}$
            source: {inline: {files: {../a: x}}}                                        | spec.source.inline.files: each key is the path of a file below the root, without "." and "..", for example src/main.c
            source: {inline: {files: {/a: x}}}                                          | spec.source.inline.files: each key is the path of a file below the root, without "." and "..", for example src/main.c
            source: {inline: {files: {}}}                                               | spec.source.inline.files: is 0, at least 1 keys
            source: {volume: {claimName: a, path: ../b}}                                | spec.source.volume.path: the path must lead below its root: not start with "/" and have no ".." in it
            source: {flux: {kind: Kustomization, name: a}}                              | spec.source.flux.kind: is none of ["Bucket","GitRepository","OCIRepository"]
            source: {volume: {claimName: a}}, contextDir: a/../..                       | spec.contextDir: the path must lead below its root: not start with "/" and have no ".." in it
            source: {volume: {claimName: a}}, contextDir: /a                            | spec.contextDir: the path must lead below its root: not start with "/" and have no ".." in it
            source: {volume: {claimName: a}}, dockerfile: ../Dockerfile                 | spec.dockerfile: the path must lead below its root: not start with "/" and have no ".." in it
            source: {volume: {claimName: a}}, dockerfile: ''                            | spec.dockerfile: is 0, at least 1 characters
            source: {volume: {claimName: a}}, platforms: [amd64]                        | spec.platforms: a platform is os/architecture or os/architecture/variant in lower case, for example linux/amd64 or linux/arm/v7
            source: {volume: {claimName: a}}, platforms: [linux/amd64, linux/amd64]     | spec.platforms: has an item twice
            source: {volume: {claimName: a}}, timeout: 1 hour                           | spec.timeout: not a duration; write numbers with units h, m and s, for example 1h30m
            source: {volume: {claimName: a}}, timeout: 9s                               | spec.timeout: a build's time limit is at least 10s and at most 24h
            source: {volume: {claimName: a}}, timeout: 25h                              | spec.timeout: a build's time limit is at least 10s and at most 24h
            source: {volume: {claimName: a}}, retries: 11                               | spec.retries: is 11, at most 10
            source: {volume: {claimName: a}}, retries: -1                               | spec.retries: is -1, at least 0
            source: {volume: {claimName: a}}, retries: many                             | spec.retries: is not an integer
            source: {volume: {claimName: a}}, suspend: 'yes'                            | spec.suspend: is not a boolean
            source: {volume: {claimName: a}}, cache: {scope: cluster}                   | spec.cache.scope: is none of ["build","namespace","none"]
            source: {volume: {claimName: a}}, cache: {export: [{mode: max}]}            | spec.cache.export[0].reference: is required
            source: {volume: {claimName: a}}, cache: {export: [{reference: a, mode: all}]} | spec.cache.export[0].mode: is none of ["max","min"]
            source: {volume: {claimName: a}}, cache: {export: [{reference: A}]}         | spec.cache.export[0].reference: not an image reference; it is [host[:port]/]path[:tag], for example registry.example.com/team-a/web:1.2, and the path is in lower case
            source: {volume: {claimName: a}}, cache: {scope: build, readOnly: true}     | spec.cache: readOnly goes with scope namespace; with build and none nothing is shared in any case
            source: {volume: {claimName: a}}, cache: {import: ['A']}                    | spec.cache.import: not an image reference; it is [host[:port]/]path[:tag], for example registry.example.com/team-a/web:1.2, and the path is in lower case
            source: {volume: {claimName: a}}, verify: {timeout: 5s}                     | spec.verify.run: is required
            source: {volume: {claimName: a}}, verify: {run: [a], timeout: 5}            | spec.verify.timeout: is not a string
            source: {volume: {claimName: a}}, verify: {run: [a], timeout: 5x}           | spec.verify.timeout: not a duration; write numbers with units h, m and s, for example 1h30m
            source: {volume: {claimName: a}}, pod: {labels: {kiln.build/a: b}}          | spec.pod.labels: keys that start with kiln.build/ are Kiln's own
            source: {volume: {claimName: a}}, pod: {annotations: {kiln.build/a: b}}     | spec.pod.annotations: keys that start with kiln.build/ are Kiln's own
            source: {volume: {claimName: a}}, history: {failed: 21}                     | spec.history.failed: is 21, at most 20
            source: {volume: {claimName: a}}, contexts: {base: 'oci-layout://a'}        | spec.contexts: a context is docker-image://REFERENCE, or the URL of a git repository or file that starts with http://, https:// or git:// and holds no user name or password, or of a git repository that starts with ssh:// or is user@host:path
            source: {volume: {claimName: a}}, contexts: {base: 'https://me:pw@a.b/c'}   | spec.contexts: a context is docker-image://REFERENCE, or the URL of a git repository or file that starts with http://, https:// or git:// and holds no user name or password, or of a git repository that starts with ssh:// or is user@host:path
            source: {volume: {claimName: a}}, contexts: {base: /etc}                    | spec.contexts: a context is docker-image://REFERENCE, or the URL of a git repository or file that starts with http://, https:// or git:// and holds no user name or password, or of a git repository that starts with ssh:// or is user@host:path
            source: {volume: {claimName: a}}, contexts: {base: 'ssh://git@a.b/c'}       | spec: a context that is reached by SSH needs a key: an entry of ssh with the id default, and the Secret that it names
            source: {volume: {claimName: a}}, contexts: {base: 'git@a.b:c'}, ssh: [{id: other, secret: s}] | spec: a context that is reached by SSH needs a key: an entry of ssh with the id default, and the Secret that it names
            source: {volume: {claimName: a}}, contexts: {base: 'ssh://me:pw@a.b/c'}, ssh: [{id: default, secret: s}] | spec.contexts: a context is docker-image://REFERENCE, or the URL of a git repository or file that starts with http://, https:// or git:// and holds no user name or password, or of a git repository that starts with ssh:// or is user@host:path
            source: {volume: {claimName: a}}, secrets: [{id: a b, secret: s}]           | spec.secrets[0].id: does not match ^[A-Za-z0-9_.-]+$
            """)
    void badResourcesAreRefusedAtTheirField(String spec, String complaint) {
        assertThat(SchemaJudge.judge(CrdTest.SCHEMA, resource(spec + ", " + GOOD_OUTPUT)))
                .containsExactly(complaint.replace("\\\\", "\\"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            output: {}                                            | spec.output.image: is required
            output: {image: web, compression: xz}                 | spec.output.compression: is none of ["gzip","zstd"]
            output: {image: web, tags: ['a/b']}                   | spec.output.tags[0]: does not match ^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$
            output: {image: web, tags: [a, a]}                    | spec.output.tags: has an item twice
            retries: 1                                            | spec.output: is required
            """)
    void badOutputsAreRefusedAtTheirField(String output, String complaint) {
        assertThat(SchemaJudge.judge(CrdTest.SCHEMA, resource(GOOD_SOURCE + output)))
                .containsExactly(complaint);
    }

    private static JsonNode resource(String spec) {
        try {
            return new YAMLMapper().readTree("spec: {" + spec + "}");
        } catch (JsonProcessingException e) {
            throw new AssertionError(spec, e);
        }
    }
}
