package bench;

import static ai.timefold.solver.core.api.score.stream.ConstraintCollectors.count;
import static ai.timefold.solver.core.api.score.stream.ConstraintCollectors.sumLong;
import static ai.timefold.solver.core.api.score.stream.Joiners.equal;

import ai.timefold.solver.core.api.score.buildin.hardsoftlong.HardSoftLongScore;
import ai.timefold.solver.core.api.score.stream.Constraint;
import ai.timefold.solver.core.api.score.stream.ConstraintFactory;
import ai.timefold.solver.core.api.score.stream.ConstraintProvider;
import bench.Market.Group;
import bench.Market.Seat;
import java.util.function.Function;

/** The rules and the aim of `docs/explanation/matching.md`; what a pair breaks by itself is not in the file. */
public class Constraints implements ConstraintProvider {
    @Override
    public Constraint[] defineConstraints(ConstraintFactory from) {
        return new Constraint[] {
            together(from), minutes(from), most(from), cap(from), halves(from), value(from),
            group(from, "region", seat -> seat.pair.region()), group(from, "subject", seat -> seat.pair.subject()),
        };
    }

    /** No two lessons at once, time to travel, no forms that do not go together, each opening once. */
    Constraint together(ConstraintFactory from) {
        return from.forEachUniquePair(Seat.class, equal(Seat::person))
                .filter((one, other) -> Market.Rules.apart(one.pair, other.pair))
                .penalize(HardSoftLongScore.ONE_HARD)
                .asConstraint("together");
    }

    Constraint minutes(ConstraintFactory from) {
        return from.forEach(Seat.class)
                .groupBy(Seat::person, sumLong(seat -> seat.pair.minutes()))
                .filter((person, minutes) -> minutes > person.free())
                .penalizeLong(HardSoftLongScore.ONE_HARD, (person, minutes) -> 1)
                .asConstraint("minutes");
    }

    Constraint most(ConstraintFactory from) {
        return from.forEach(Seat.class)
                .groupBy(Seat::person, count())
                .filter((person, openings) -> openings > person.most())
                .penalizeLong(HardSoftLongScore.ONE_HARD, (person, openings) -> openings - person.most())
                .asConstraint("most");
    }

    Constraint cap(ConstraintFactory from) {
        return from.forEach(Seat.class)
                .filter(seat -> seat.pair.cap() != null)
                .groupBy(seat -> seat.pair.cap(), sumLong(seat -> seat.pair.minutes()))
                .filter((cap, minutes) -> minutes > cap.minutes())
                .penalizeLong(HardSoftLongScore.ONE_HARD, (cap, minutes) -> 1)
                .asConstraint("cap");
    }

    /** Whole places and second halves together are no more than there are places; first halves have their seats. */
    Constraint halves(ConstraintFactory from) {
        return from.forEach(Seat.class)
                .filter(seat -> seat.opening.shared() && seat.pair.part() != 1)
                .groupBy(seat -> seat.opening, count())
                .filter((opening, taken) -> taken > opening.places())
                .penalizeLong(HardSoftLongScore.ONE_HARD, (opening, taken) -> taken - opening.places())
                .asConstraint("halves");
    }

    Constraint value(ConstraintFactory from) {
        return from.forEach(Seat.class)
                .rewardLong(HardSoftLongScore.ONE_SOFT, seat -> seat.pair.value())
                .asConstraint("value");
    }

    Constraint group(ConstraintFactory from, String name, Function<Seat, Group> of) {
        return from.forEach(Seat.class)
                .filter(seat -> of.apply(seat) != null)
                .groupBy(of, sumLong(seat -> seat.pair.amount()))
                .rewardLong(HardSoftLongScore.ONE_SOFT, Group::worth)
                .asConstraint(name);
    }
}
