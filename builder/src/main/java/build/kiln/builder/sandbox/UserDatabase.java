package build.kiln.builder.sandbox;

import build.kiln.builder.snapshot.MountedRoot;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An image's `/etc/passwd` and `/etc/group`.
final class UserDatabase {

    /// An image is a stranger's: its files may be anything.
    private static final int MAX_FILE_BYTES = 4 * 1024 * 1024;

    private static final long MAX_ID = Integer.MAX_VALUE;

    private final MountedRoot image;

    UserDatabase(MountedRoot image) {
        this.image = image;
    }

    private record User(String name, long uid, long gid) {}

    private record Group(String name, long gid, List<String> members) {}

    ProcessUser find(String text) throws UnknownUserException {
        int colon = text.indexOf(':');
        String userText = colon < 0 ? text : text.substring(0, colon);
        String groupText = colon < 0 ? "" : text.substring(colon + 1);
        String wanted = userText.isEmpty() ? "0" : userText;
        if (isId(wanted) && isId(groupText)) {
            return new ProcessUser(Long.parseLong(wanted), Long.parseLong(groupText), List.of());
        }
        Optional<User> user = users().stream()
                .filter(one -> one.name().equals(wanted) || isId(wanted) && one.uid() == Long.parseLong(wanted))
                .findFirst();
        if (user.isEmpty() && !isId(wanted)) {
            throw new UnknownUserException("There is no user \"" + wanted + "\" in the image's /etc/passwd. Make one"
                    + " with useradd or adduser before, or give its number.");
        }
        long uid = user.map(User::uid).orElseGet(() -> Long.parseLong(wanted));
        if (!groupText.isEmpty()) {
            return new ProcessUser(uid, findGroup(groupText), List.of());
        }
        List<Long> groups = user.map(User::name).map(this::groupsOf).orElse(List.of());
        return new ProcessUser(uid, user.map(User::gid).orElse(0L), groups);
    }

    private long findGroup(String wanted) throws UnknownUserException {
        for (Group group : groups()) {
            if (group.name().equals(wanted) || isId(wanted) && group.gid() == Long.parseLong(wanted)) {
                return group.gid();
            }
        }
        if (isId(wanted)) {
            return Long.parseLong(wanted);
        }
        throw new UnknownUserException("There is no group \"" + wanted + "\" in the image's /etc/group. Make one with"
                + " groupadd or addgroup before, or give its number.");
    }

    private List<Long> groupsOf(String user) {
        return groups().stream()
                .filter(group -> group.members().contains(user))
                .map(Group::gid)
                .toList();
    }

    private List<User> users() {
        List<User> users = new ArrayList<>();
        for (String[] fields : records("/etc/passwd")) {
            if (fields.length >= 4 && isId(fields[2]) && isId(fields[3])) {
                users.add(new User(fields[0], Long.parseLong(fields[2]), Long.parseLong(fields[3])));
            }
        }
        return users;
    }

    private List<Group> groups() {
        List<Group> groups = new ArrayList<>();
        for (String[] fields : records("/etc/group")) {
            if (fields.length >= 3 && isId(fields[2])) {
                List<String> members = fields.length > 3 ? List.of(fields[3].split(",", -1)) : List.of();
                groups.add(new Group(fields[0], Long.parseLong(fields[2]), members));
            }
        }
        return groups;
    }

    /// The lines' fields; none if the file is missing or no file.
    private List<String[]> records(String path) {
        Path file = image.resolve(path);
        if (!Files.isRegularFile(file)) {
            return List.of();
        }
        try (InputStream in = Files.newInputStream(file)) {
            List<String[]> records = new ArrayList<>();
            String text = new String(in.readNBytes(MAX_FILE_BYTES), StandardCharsets.UTF_8);
            for (String line : text.lines().map(String::strip).toList()) {
                if (!line.isEmpty() && !line.startsWith("#")) {
                    records.add(line.split(":", -1));
                }
            }
            return records;
        } catch (IOException e) {
            return List.of();
        }
    }

    private static boolean isId(String text) {
        return !text.isEmpty()
                && text.length() <= 10
                && text.chars().allMatch(c -> c >= '0' && c <= '9')
                && Long.parseLong(text) <= MAX_ID;
    }
}
