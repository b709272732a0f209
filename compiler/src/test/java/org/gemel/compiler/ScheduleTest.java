package org.gemel.compiler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.gemel.DType;
import org.gemel.TensorType;
import org.gemel.compiler.Schedule.Group;
import org.gemel.compiler.Schedule.Machine;
import org.gemel.ir.Graph;
import org.gemel.ir.Layout;
import org.gemel.ir.Node;
import org.gemel.ir.Region;
import org.gemel.op.Unary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ScheduleTest {
    // A region that takes `micros` microseconds, by the measure of `machine`.
    private static Region taking(int micros) {
        TensorType type = TensorType.of(DType.F32, micros);
        Node.Input x = new Node.Input("x", type);
        Node y = Node.Apply.of(Unary.NEG, List.of(x), Optional.empty());
        return new Region(
                Region.Loop.ELEMENTS,
                type.shape(),
                new Graph(List.of(x), List.of(y)),
                List.of(Layout.contiguous(type.shape())));
    }

    private static Machine machine(int threads) {
        return new Machine(threads, region -> region.space().size());
    }

    private static List<String> schedule(int threads, List<List<Integer>> before, int... micros) {
        List<Region> regions = Arrays.stream(micros).mapToObj(ScheduleTest::taking).toList();
        return Schedule.of(regions, before, machine(threads)).groups().stream()
                .map(ScheduleTest::text)
                .toList();
    }

    private static String text(Group group) {
        return String.join("|", group.lanes().stream().map(Arrays::toString).toList());
    }

    private static final List<Integer> NONE = List.of();

    @Test
    void stepsThatDependOnNothingRunSideBySide() {
        assertEquals(List.of("[1]|[0]"), schedule(2, List.of(NONE, NONE), 8, 9));
    }

    @Test
    void theLongestLaneDecides() {
        assertEquals(List.of("[2]|[1, 0]"), schedule(2, List.of(NONE, NONE, NONE), 8, 9, 16));
    }

    @Test
    void oneAfterTheOtherOnOneThread() {
        assertEquals(List.of("[0]", "[1]"), schedule(1, List.of(NONE, NONE), 8, 9));
    }

    @Test
    void neverBesideWhatItNeeds() {
        assertEquals(List.of("[0]", "[1]"), schedule(2, List.of(NONE, List.of(0)), 8, 9));
    }

    @Test
    void shortAndLongStepsStayAlone() {
        assertEquals(List.of("[0]", "[1]"), schedule(2, List.of(NONE, NONE), 1, 1));
        assertEquals(List.of("[0]", "[1]"), schedule(2, List.of(NONE, NONE), 800, 800));
    }

    // One look at all of them for each group, or each size of a group, would take minutes.
    @ParameterizedTest
    @ValueSource(ints = {5, 70, 150})
    void manyStepsAreDealtAtOnce(int micros) {
        int count = 100_000;
        List<Region> regions =
                List.of(taking(micros), taking(micros + 9), taking(micros + 20), taking(micros));
        List<Group> groups =
                Schedule.of(
                                IntStream.range(0, count)
                                        .mapToObj(i -> regions.get(i % 4))
                                        .toList(),
                                Collections.nCopies(count, NONE),
                                machine(2))
                        .groups();
        boolean brief = micros < 100;
        assertEquals(brief ? 1 : count, groups.size());
        int[] sizes = groups.getFirst().lanes().stream().mapToInt(lane -> lane.length).toArray();
        assertArrayEquals(brief ? new int[] {count / 2, count / 2} : new int[] {1}, sizes);
    }

    @Test
    void eachStepRunsOnceAndAfterWhatItNeeds() {
        SplittableRandom random = new SplittableRandom(5);
        boolean parallel = false;
        for (int round = 0; round < 300; round++) {
            int count = random.nextInt(1, 30);
            List<Region> regions = new ArrayList<>();
            List<List<Integer>> before = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int step = i;
                regions.add(taking(random.nextInt(1, 200)));
                before.add(
                        IntStream.range(0, i)
                                .filter(_ -> random.nextInt(3 + step) < 2)
                                .boxed()
                                .toList());
            }
            int threads = random.nextInt(1, 5);
            Set<Integer> done = new HashSet<>();
            for (Group group : Schedule.of(regions, before, machine(threads)).groups()) {
                assertTrue(group.lanes().size() <= threads);
                assertFalse(threads == 1 && group.parallel());
                parallel |= group.parallel();
                List<Integer> now =
                        group.lanes().stream().flatMap(l -> Arrays.stream(l).boxed()).toList();
                for (int step : now) {
                    assertTrue(done.containsAll(before.get(step)), () -> step + " comes too early");
                }
                for (int step : now) {
                    assertTrue(done.add(step), () -> step + " runs twice");
                }
            }
            assertEquals(count, done.size());
        }
        assertTrue(parallel, "nothing ever ran side by side");
    }
}
