package build.kiln.bench.workload;

/// The Dockerfiles of the workloads.
///
/// @param registry host and port that the base images lie in
record Dockerfiles(String registry) {

    private String image(Base base) {
        return registry + "/" + base.repository() + ":1";
    }

    String copyApp() {
        return """
                FROM %s
                WORKDIR /app
                COPY app.jar /app/app.jar
                COPY files/ /app/files/
                ENTRYPOINT ["java", "-jar", "/app/app.jar"]
                """.formatted(image(Base.RUNTIME));
    }

    String manyFiles() {
        return """
                FROM %s
                COPY src/ /src/
                RUN find /src -type f | wc -l > /count
                """.formatted(image(Base.SMALL));
    }

    String compile() {
        return """
                FROM %s AS build
                WORKDIR /src
                COPY src/ ./
                RUN for f in *.c; do gcc -O1 -c "$f" || exit 1; done && gcc -o app *.o && ./app

                FROM %s
                COPY --from=build /src/app /usr/bin/app
                ENTRYPOINT ["/usr/bin/app"]
                """.formatted(image(Base.COMPILER), image(Base.SMALL));
    }

    String packages() {
        return """
                FROM %s
                RUN tar xf /var/packages.tar -C /usr/lib
                RUN rm -rf /usr/lib/packages/d1? /usr/lib/packages/d2?
                COPY app.conf /etc/app.conf
                """.formatted(image(Base.PACKAGES));
    }

    String large() {
        return """
                FROM %s
                COPY model.bin /srv/model.bin
                COPY app.conf /etc/app.conf
                """.formatted(image(Base.SMALL));
    }

    /// Each time that a slow step runs, it leaves another id: so the images tell how often it ran.
    String shared() {
        return """
                FROM %s
                RUN sleep 2; cat /proc/sys/kernel/random/uuid > /id-1; head -c 4000000 /bin/busybox > /one || true
                RUN sleep 2; cat /proc/sys/kernel/random/uuid > /id-2
                RUN sleep 2; cat /proc/sys/kernel/random/uuid > /id-3
                COPY app.conf /etc/app.conf
                """.formatted(image(Base.SMALL));
    }

    String stages() {
        StringBuilder text = new StringBuilder();
        for (String stage : new String[] {"api", "web", "docs"}) {
            text.append("""
                    FROM %1$s AS %2$s
                    COPY %2$s/ /src/
                    RUN sleep 1; mkdir /out; for d in /src/*; do cat "$d"/* > /out/"${d##*/}"; done
                    """.formatted(image(Base.SMALL), stage));
        }
        return text.append("""
                FROM %s
                COPY --from=api /out /api
                COPY --from=web /out /web
                COPY --from=docs /out /docs
                """.formatted(image(Base.SMALL))).toString();
    }
}
