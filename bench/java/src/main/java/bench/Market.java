package bench;

import ai.timefold.solver.core.api.domain.entity.PlanningEntity;
import ai.timefold.solver.core.api.domain.lookup.PlanningId;
import ai.timefold.solver.core.api.domain.solution.PlanningEntityCollectionProperty;
import ai.timefold.solver.core.api.domain.solution.PlanningScore;
import ai.timefold.solver.core.api.domain.solution.PlanningSolution;
import ai.timefold.solver.core.api.domain.valuerange.ValueRangeProvider;
import ai.timefold.solver.core.api.domain.variable.PlanningVariable;
import ai.timefold.solver.core.api.score.buildin.hardsoftlong.HardSoftLongScore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One market: each place of an opening gets one of the pairs that fit it, or stays empty. */
@PlanningSolution
public class Market {
    private static final int DAY = 24 * 60;

    /** A person with the minutes that are left and the most openings to hold. */
    record Person(int number, long free, int most) {}

    /** An opening; where it is shared, each place has two halves. */
    record Opening(int number, int places, boolean shared) {}

    /** The minutes that one person may have at one board in some forms. */
    record Cap(int number, long minutes) {}

    /** A region or a subject: what its first places count on top. */
    record Group(int number, long[] widths, long[] points) {
        long worth(long amount) {
            long total = 0;
            for (int step = 0; step < widths.length; step++) {
                long part = Math.min(widths[step], amount);
                total += points[step] * part;
                amount -= part;
            }
            return total;
        }
    }

    /** A person at an opening in one form; lessons are from and to in minutes of the week. */
    record Pair(
            int number, Person person, Opening opening, int part, long value, long amount, long minutes, Cap cap,
            Group region, Group subject, int board, int form, int location, int[] begins, int[] ends) {}

    /** One place of an opening, or one half of it; a pair that takes all of a shared place sits in its first half. */
    @PlanningEntity
    public static class Seat {
        @PlanningId int number;
        Opening opening;
        List<Pair> fitting;

        @PlanningVariable(allowsUnassigned = true, valueRangeProviderRefs = "fitting")
        Pair pair;

        /** For the solver, which copies seats. */
        public Seat() {}

        Seat(int number, Opening opening, List<Pair> fitting) {
            this.number = number;
            this.opening = opening;
            this.fitting = fitting;
        }

        @ValueRangeProvider(id = "fitting")
        public List<Pair> fitting() {
            return fitting;
        }

        Person person() {
            return pair.person();
        }
    }

    @PlanningEntityCollectionProperty List<Seat> seats = new ArrayList<>();
    @PlanningScore HardSoftLongScore score;

    /** For the solver, which copies markets. */
    public Market() {}

    static Market read(Path file) throws IOException {
        List<Person> people = new ArrayList<>();
        List<Opening> openings = new ArrayList<>();
        List<Cap> caps = new ArrayList<>();
        List<Group> groups = new ArrayList<>();
        Map<Integer, List<Pair>> seatable = new HashMap<>();
        for (String line : Files.readAllLines(file)) {
            String[] of = line.split("\t", -1);
            switch (of[0]) {
                case "person" -> people.add(new Person(people.size(), Long.parseLong(of[1]), Integer.parseInt(of[2])));
                case "opening" -> openings.add(
                        new Opening(openings.size(), Integer.parseInt(of[1]), of[2].equals("1")));
                case "cap" -> caps.add(new Cap(caps.size(), Long.parseLong(of[1])));
                case "group" -> groups.add(new Group(groups.size(), numbers(of[1]), numbers(of[2])));
                case "apart" -> Rules.APART.add(Integer.parseInt(of[1]) * 1_000L + Integer.parseInt(of[2]));
                case "way" -> Rules.WAYS.put(
                        Long.parseLong(of[1]) << 32 | Long.parseLong(of[2]), Integer.parseInt(of[3]));
                case "pair" -> {
                    Opening opening = openings.get(Integer.parseInt(of[3]));
                    int part = Integer.parseInt(of[4]);
                    Pair pair = new Pair(
                            Integer.parseInt(of[1]), people.get(Integer.parseInt(of[2])), opening, part,
                            Long.parseLong(of[5]), Long.parseLong(of[6]), Long.parseLong(of[7]),
                            one(caps, of[8]), one(groups, of[9]), one(groups, of[10]), Integer.parseInt(of[11]),
                            Integer.parseInt(of[12]), Integer.parseInt(of[13]), whole(of[14]), whole(of[15]));
                    int half = part == 2 ? 1 : 0;
                    seatable.computeIfAbsent(opening.number * 2 + half, key -> new ArrayList<>()).add(pair);
                }
                default -> throw new IOException("unknown: " + of[0]);
            }
        }
        Market market = new Market();
        for (Opening opening : openings) {
            for (int half = 0; half < (opening.shared ? 2 : 1); half++) {
                List<Pair> fitting = seatable.getOrDefault(opening.number * 2 + half, List.of());
                for (int place = 0; place < opening.places && !fitting.isEmpty(); place++) {
                    market.seats.add(new Seat(market.seats.size(), opening, fitting));
                }
            }
        }
        return market;
    }

    private static <T> T one(List<T> all, String number) {
        return number.equals("-1") ? null : all.get(Integer.parseInt(number));
    }

    private static long[] numbers(String text) {
        return text.isEmpty() ? new long[0] : Arrays.stream(text.split(",")).mapToLong(Long::parseLong).toArray();
    }

    private static int[] whole(String text) {
        return Arrays.stream(numbers(text)).mapToInt(Math::toIntExact).toArray();
    }

    /** What two pairs of one person look at of each other. */
    static final class Rules {
        static final Set<Long> APART = new HashSet<>();
        static final Map<Long, Integer> WAYS = new HashMap<>();

        private Rules() {}

        static boolean apart(Pair one, Pair other) {
            if (one.opening == other.opening) {
                return true;
            }
            if (one.board == other.board && APART.contains(one.form * 1_000L + other.form)) {
                return true;
            }
            int way = way(one.location, other.location);
            for (int first = 0; first < one.begins.length; first++) {
                for (int second = 0; second < other.begins.length; second++) {
                    boolean sameDay = one.begins[first] / DAY == other.begins[second] / DAY;
                    int needed = sameDay ? way : 0;
                    if (one.begins[first] < other.ends[second] + needed
                            && other.begins[second] < one.ends[first] + needed) {
                        return true;
                    }
                }
            }
            return false;
        }

        private static int way(int one, int other) {
            return one == other
                    ? 0
                    : WAYS.getOrDefault((long) Math.min(one, other) << 32 | Math.max(one, other), DAY);
        }
    }
}
