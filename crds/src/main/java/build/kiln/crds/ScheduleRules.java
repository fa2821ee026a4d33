package build.kiln.crds;

/// What of a schedule CEL can judge: its form. Whether such a day ever comes, and whether there is such a zone, the
/// operator finds out.
final class ScheduleRules {

    private static final String STEP = "(/[1-9][0-9]?)?";

    private static final String MINUTE = "([*]|[0-5]?[0-9](-[0-5]?[0-9])?)" + STEP;

    private static final String HOUR_NUMBER = "([01]?[0-9]|2[0-3])";
    private static final String HOUR = "([*]|" + HOUR_NUMBER + "(-" + HOUR_NUMBER + ")?)" + STEP;

    private static final String DAY_NUMBER = "(0?[1-9]|[12][0-9]|3[01])";
    private static final String DAY = "([*]|" + DAY_NUMBER + "(-" + DAY_NUMBER + ")?)" + STEP;

    private static final String MONTH_NAME = "(0?[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)";
    private static final String MONTH = "([*]|" + MONTH_NAME + "(-" + MONTH_NAME + ")?)" + STEP;

    private static final String WEEKDAY_NAME = "([0-7]|SUN|MON|TUE|WED|THU|FRI|SAT)";
    private static final String WEEKDAY = "([*]|" + WEEKDAY_NAME + "(-" + WEEKDAY_NAME + ")?)" + STEP;

    /// Five fields, each a list, with one space or more between them.
    static final String SCHEDULE = "self.matches('^" + MINUTE + "(," + MINUTE + ")* +"
            + HOUR + "(," + HOUR + ")* +"
            + DAY + "(," + DAY + ")* +"
            + MONTH + "(," + MONTH + ")* +"
            + WEEKDAY + "(," + WEEKDAY + ")*$')";

    static final String SCHEDULE_MESSAGE =
            "not a schedule; write the five fields of cron: minute (0-59), hour (0-23), day of the month (1-31), month"
                    + " (1-12 or JAN-DEC), day of the week (0-7 or SUN-SAT), each *, a number, a range such as 1-5, a step"
                    + " such as */15, or a list of these with commas, for example 0 4 * * MON-FRI";

    static final String ZONE = "self.matches('^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$')";

    static final String ZONE_MESSAGE =
            "not the name of a time zone; write it as the IANA database has it, for example UTC or Europe/Berlin";

    /// A time zone that nothing is read in looks like one that works. Its default cannot be told from none.
    static final String HAS_SCHEDULE = "has(self.schedule) || !has(self.timeZone) || self.timeZone == 'UTC'";

    static final String HAS_SCHEDULE_MESSAGE =
            "timeZone is the time zone of schedule, and there is none; add schedule, or remove timeZone";

    private ScheduleRules() {}
}
