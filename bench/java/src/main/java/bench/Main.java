package bench;

import ai.timefold.solver.core.api.solver.SolverFactory;
import ai.timefold.solver.core.config.constructionheuristic.ConstructionHeuristicPhaseConfig;
import ai.timefold.solver.core.config.heuristic.selector.move.composite.CartesianProductMoveSelectorConfig;
import ai.timefold.solver.core.config.heuristic.selector.move.composite.UnionMoveSelectorConfig;
import ai.timefold.solver.core.config.heuristic.selector.move.generic.ChangeMoveSelectorConfig;
import ai.timefold.solver.core.config.localsearch.LocalSearchPhaseConfig;
import ai.timefold.solver.core.config.solver.EnvironmentMode;
import ai.timefold.solver.core.config.solver.SolverConfig;
import ai.timefold.solver.core.config.solver.termination.TerminationConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Solves the market of a file for so many milliseconds; writes the seconds, the score, and the pairs by number. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws IOException {
        Market market = Market.read(Path.of(arguments[0]));
        Duration limit = Duration.ofMillis(Long.parseLong(arguments[1]));
        // With its own moves it gets no further than its first plan: who is wanted elsewhere leaves a place for less.
        var one = new ChangeMoveSelectorConfig();
        var two = new CartesianProductMoveSelectorConfig(
                List.of(new ChangeMoveSelectorConfig(), new ChangeMoveSelectorConfig()));
        var search = new LocalSearchPhaseConfig().withMoveSelectorConfig(new UnionMoveSelectorConfig(List.of(one, two)))
                .withTerminationConfig(new TerminationConfig().withSpentLimit(limit));
        // In a large market that search ends by itself at once; the time that is left goes to single changes.
        var rest = new LocalSearchPhaseConfig().withMoveSelectorConfig(new ChangeMoveSelectorConfig());
        SolverConfig config = new SolverConfig()
                .withSolutionClass(Market.class)
                .withEntityClasses(Market.Seat.class)
                .withConstraintProviderClass(Constraints.class)
                .withEnvironmentMode(EnvironmentMode.NO_ASSERT)
                .withRandomSeed(1L)
                .withPhases(new ConstructionHeuristicPhaseConfig(), search, rest)
                .withTerminationSpentLimit(limit);
        long began = System.nanoTime();
        Market solved = SolverFactory.<Market>create(config).buildSolver().solve(market);
        List<String> lines = new ArrayList<>();
        lines.add(String.valueOf((System.nanoTime() - began) / 1e9));
        lines.add(solved.score.hardScore() + "\t" + solved.score.softScore());
        for (Market.Seat seat : solved.seats) {
            if (seat.pair != null) {
                lines.add(String.valueOf(seat.pair.number()));
            }
        }
        Files.write(Path.of(arguments[2]), lines);
    }
}
