package build.kiln.operator.queue;

/// A place in the line, in words: exact among the first ten, and beyond as one of the first 20, 50, 100, 200 and so on,
/// so that a status need not be written for each build that ends before.
final class Place {

    private static final int EXACT = 10;

    private Place() {}

    /// @param position counted from 1
    static String describe(int position, Ticket ticket) {
        String place = position <= EXACT ? ordinal(position) : "one of the first " + upTo(position);
        String priority = ticket.priority() == 0 ? "" : " with priority " + ticket.priority();
        String asked = ticket.isAskedFor() ? "" : ", after what somebody asked for";
        return place + " of " + ticket.build().namespace() + priority + asked;
    }

    private static int upTo(int position) {
        int power = EXACT;
        while (true) {
            for (int factor : new int[] {1, 2, 5}) {
                if (position <= factor * power) {
                    return factor * power;
                }
            }
            power *= 10;
        }
    }

    private static String ordinal(int n) {
        return n
                + switch (n) {
                    case 1 -> "st";
                    case 2 -> "nd";
                    case 3 -> "rd";
                    default -> "th";
                };
    }
}
