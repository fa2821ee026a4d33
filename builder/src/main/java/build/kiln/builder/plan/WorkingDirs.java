package build.kiln.builder.plan;

/// The paths of WORKDIR.
final class WorkingDirs {

    private WorkingDirs() {}

    /// The new working directory, in the form of the image's system: an absolute path stays as it is written.
    static String resolve(ImageDraft image, String path) {
        return image.isWindows()
                ? resolveWindows(image.workingDir, path).replace('/', '\\')
                : resolve(image.workingDir, path);
    }

    private static String resolve(String current, String path) {
        String parent = current.startsWith("/") ? current : GuestPath.clean(current);
        if (path.isEmpty()) {
            return parent;
        }
        return path.startsWith("/") ? path : GuestPath.resolve(parent, path);
    }

    private static String resolveWindows(String current, String path) {
        return GuestPath.resolve(withoutDrive(current), withoutDrive(path));
    }

    private static String withoutDrive(String path) {
        String slashes = path.replace('\\', '/');
        return slashes.matches("[cC]:.*") ? slashes.substring(2) : slashes;
    }
}
