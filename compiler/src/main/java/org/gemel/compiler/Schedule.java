package org.gemel.compiler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import org.gemel.ir.Region;

/// Which steps run side by side, each on a thread of its own, and in what order all others run, on
/// all threads each.
///
/// A step that takes tens of microseconds gains little from more threads: parts of what it reads
/// lie in the caches of other processors. Two that do not depend on each other gain more from a
/// thread each. List scheduling (Graham, 1969): of the steps that are ready, the cheapest ones form
/// a group as long as its longest lane takes less time than its steps one after the other.
final class Schedule {
    /// What a schedule is made for.
    ///
    /// @param threads how many steps can run side by side
    /// @param micros how long a region takes on one thread, about
    record Machine(int threads, ToDoubleFunction<Region> micros) {
        /// Runs one step after the other.
        static final Machine SERIAL = new Machine(1, _ -> 0);

        /// How long a step takes that all threads share. Fitted to products of matrices in a
        /// training step on two threads.
        private double shared(double alone) {
            return Math.min(alone, alone / threads + SHARING_MICROS);
        }
    }

    /// Steps that run at the same time as those of the other lanes.
    ///
    /// @param lanes of one lane, the steps run on all threads; the steps of a lane run in order
    record Group(List<int[]> lanes) {
        boolean parallel() {
            return lanes.size() > 1;
        }
    }

    // What it costs to share a step, and to hand over lanes and to wait for them.
    private static final double SHARING_MICROS = 12;
    private static final double GROUP_MICROS = 1.5;

    // Steps that take longer are shared well, and need the caches for themselves.
    private static final double LONG_MICROS = 100;

    private final Machine machine;
    private final double[] alone;
    // For each step those that wait for it, and for how many it waits itself.
    private final List<List<Integer>> after = new ArrayList<>();
    private final int[] waits;
    private final SortedSet<Integer> ready = new TreeSet<>();
    // Those that may run side by side, the cheapest ones first.
    private final SortedSet<Integer> brief;
    private final List<Group> groups = new ArrayList<>();

    private Schedule(Machine machine, double[] alone, List<List<Integer>> before) {
        this.machine = machine;
        this.alone = alone;
        this.waits = new int[alone.length];
        this.brief =
                new TreeSet<>(
                        Comparator.<Integer>comparingDouble(step -> alone[step])
                                .thenComparing(Comparator.naturalOrder()));
        for (int step = 0; step < waits.length; step++) {
            after.add(new ArrayList<>());
            waits[step] = before.get(step).size();
            for (int earlier : before.get(step)) {
                after.get(earlier).add(step);
            }
            if (waits[step] == 0) {
                isReady(step);
            }
        }
    }

    /// What runs beside what.
    ///
    /// @param regions what the steps compute
    /// @param before for each step those that must have run before it, each once, all of smaller
    ///   numbers
    static Schedule of(List<Region> regions, List<List<Integer>> before, Machine machine) {
        double[] alone = regions.stream().mapToDouble(machine.micros).toArray();
        Schedule schedule = new Schedule(machine, alone, before);
        schedule.run();
        return schedule;
    }

    /// The groups in the order in which they run; each step is in one of them.
    List<Group> groups() {
        return groups;
    }

    /// How long all of it takes, about.
    double micros() {
        return groups.stream().mapToDouble(this::micros).sum();
    }

    private void run() {
        while (!ready.isEmpty()) {
            Group group = next();
            groups.add(group);
            group.lanes.forEach(lane -> Arrays.stream(lane).forEach(this::done));
        }
    }

    private void isReady(int step) {
        ready.add(step);
        if (alone[step] <= LONG_MICROS) {
            brief.add(step);
        }
    }

    private void done(int step) {
        ready.remove(step);
        brief.remove(step);
        for (int later : after.get(step)) {
            if (--waits[later] == 0) {
                isReady(later);
            }
        }
    }

    /// The cheapest steps, up to one of them.
    ///
    /// @param count how many
    /// @param serial how long they take one after the other
    /// @param hoped what a group of them saves if its lanes can be filled evenly: at most that
    private record Prefix(int count, double serial, double hoped) {}

    // The group of ready steps that saves most, or the first step alone if none saves anything.
    private Group next() {
        Group best = new Group(List.of(new int[] {ready.getFirst()}));
        if (machine.threads == 1) {
            return best;
        }
        List<Integer> cheapest = List.copyOf(brief);
        double most = 0;
        int fewest = 0;
        for (Prefix prefix : hopeful(cheapest)) {
            if (prefix.hoped < most) {
                break;
            }
            Group group = deal(cheapest.subList(0, prefix.count));
            double saved = prefix.serial - micros(group);
            if (saved > most || (saved == most && prefix.count < fewest)) {
                best = group;
                most = saved;
                fewest = prefix.count;
            }
        }
        return best;
    }

    // Those that may save most first: only a few of many have to be dealt.
    private List<Prefix> hopeful(List<Integer> cheapest) {
        List<Prefix> prefixes = new ArrayList<>();
        double serial = 0;
        double work = 0;
        for (int step : cheapest) {
            serial += machine.shared(alone[step]);
            work += alone[step];
            double shortest = Math.max(work / machine.threads, alone[step]);
            prefixes.add(new Prefix(prefixes.size() + 1, serial, serial - shortest - GROUP_MICROS));
        }
        prefixes.sort(Comparator.comparingDouble(Prefix::hoped).reversed());
        return prefixes;
    }

    // Longest first, each to the lane that has least to do.
    private Group deal(List<Integer> steps) {
        int count = Math.min(machine.threads, steps.size());
        List<List<Integer>> lanes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lanes.add(new ArrayList<>());
        }
        double[] busy = new double[count];
        for (int step : steps.reversed()) {
            int lane = 0;
            for (int i = 1; i < count; i++) {
                lane = busy[i] < busy[lane] ? i : lane;
            }
            lanes.get(lane).add(step);
            busy[lane] += alone[step];
        }
        return new Group(
                lanes.stream()
                        .map(lane -> lane.stream().mapToInt(Integer::intValue).toArray())
                        .toList());
    }

    private double micros(Group group) {
        double longest =
                group.lanes.stream()
                        .mapToDouble(
                                lane -> Arrays.stream(lane).mapToDouble(step -> alone[step]).sum())
                        .max()
                        .orElse(0);
        return group.parallel() ? longest + GROUP_MICROS : machine.shared(longest);
    }
}
