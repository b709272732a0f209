package org.gemel.testkit.programs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.op.Samples;
import org.gemel.testkit.HostTensors;

/// A program that is being written: its lines so far, and their values, which decide what may come
/// next.
final class Draft {
    private static final int[] DIMS = {1, 1, 2, 2, 3, 3, 4, 5, 7, 8, 9, 16, 17, 31, 33, 65};
    private static final int[] LONG = {207, 1030, 4098, 17_000, 33_000, 140_000};
    private static final int MOST_INPUTS = 12;

    private final SplittableRandom random;
    private final boolean large;
    private final boolean trains;
    private final List<Program.Line> lines = new ArrayList<>();
    private final List<Tensor> values = new ArrayList<>();
    private final BitSet read = new BitSet();

    Draft(SplittableRandom random) {
        this.random = random;
        this.large = random.nextInt(32) == 0;
        this.trains = random.nextInt(3) == 0;
    }

    List<Program.Line> lines() {
        return lines;
    }

    Tensor value(int id) {
        return values.get(id);
    }

    TensorType type(int id) {
        return lines.get(id).type();
    }

    Shape shape(int id) {
        return type(id).shape();
    }

    /// The most elements that a line may have.
    long room() {
        return large ? 150_000 : 3_000;
    }

    void add(Program.Line line, Tensor value) {
        lines.add(line);
        values.add(value);
        if (line instanceof Program.Step step) {
            step.from().forEach(read::set);
        }
    }

    /// The lines that no other reads.
    List<Integer> ends() {
        BitSet ends = new BitSet();
        ends.set(0, lines.size());
        ends.andNot(read);
        return ends.stream().boxed().toList();
    }

    // ---- chance

    /// A number below `bound`.
    int below(int bound) {
        return random.nextInt(bound);
    }

    /// A number between two others, both included.
    int between(int low, int high) {
        return low + random.nextInt(high - low + 1);
    }

    /// Once in `times`.
    boolean once(int times) {
        return random.nextInt(times) == 0;
    }

    /// A simple number other than 0.
    double number() {
        double[] some = {0.5, -0.5, 1, -1, 2, 3, 0.1, -1.7, 1.25, 0.3};
        return some[random.nextInt(some.length)];
    }

    <T> T one(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    int[] order(int rank) {
        int[] order = new int[rank];
        for (int i = 0; i < rank; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /// Some of the axes of a tensor of rank 1 and more: at least one, ascending.
    int[] axes(int rank) {
        int[] all = order(rank);
        int[] some = Arrays.copyOf(all, 1 + random.nextInt(rank));
        Arrays.sort(some);
        return some;
    }

    // ---- operands

    /// A line of such a type, more likely a late one and one that nobody has read yet.
    OptionalInt line(Predicate<TensorType> wanted) {
        for (int attempt = 0; attempt < 16; attempt++) {
            double u = random.nextDouble();
            int id = (int) (lines.size() * (1 - u * u));
            if (id < lines.size() && (attempt > 7 || !read.get(id)) && wanted.test(type(id))) {
                return OptionalInt.of(id);
            }
        }
        for (int id = lines.size() - 1; id >= 0; id--) {
            if (wanted.test(type(id))) {
                return OptionalInt.of(id);
            }
        }
        return OptionalInt.empty();
    }

    /// A real line of at least this rank.
    OptionalInt real(int rank) {
        return line(type -> type.dtype().isFloating() && type.shape().rank() >= rank);
    }

    /// Any line of at least this rank.
    OptionalInt any(int rank) {
        return line(type -> type.shape().rank() >= rank);
    }

    /// A line of that dtype that broadcasts with `other`.
    OptionalInt partner(DType dtype, Shape other) {
        OptionalInt found = line(type -> type.dtype() == dtype && broadcasts(type.shape(), other));
        if (found.isPresent() && shape(found.getAsInt()).equals(other) && once(4)) {
            int[] dims = other.dims();
            for (int i = 0; i < dims.length; i++) {
                dims[i] = once(2) ? 1 : dims[i];
            }
            OptionalInt fresh = input(dtype, dims);
            return fresh.isPresent() ? fresh : found;
        }
        return found;
    }

    boolean broadcasts(Shape a, Shape b) {
        long size = 1;
        for (int i = 1; i <= Math.max(a.rank(), b.rank()); i++) {
            int p = i <= a.rank() ? a.dim(a.rank() - i) : 1;
            int q = i <= b.rank() ? b.dim(b.rank() - i) : 1;
            if (p != q && p != 1 && q != 1) {
                return false;
            }
            size *= p == 1 ? q : p;
        }
        return size <= room();
    }

    /// A new input of exactly this type, unless there are many.
    OptionalInt input(DType dtype, int... dims) {
        long inputs = lines.stream().filter(line -> !(line instanceof Program.Step)).count();
        TensorType type = TensorType.of(dtype, dims);
        if (inputs >= MOST_INPUTS || type.shape().size() > room()) {
            return OptionalInt.empty();
        }
        var elements = HostTensors.random(type, Samples.ANY, random);
        boolean weight = trains && (dtype == DType.F32 || dtype == DType.F64) && once(2);
        add(
                weight ? new Program.Weight(elements) : new Program.Input(elements),
                HostTensors.tensor(elements));
        return OptionalInt.of(lines.size() - 1);
    }

    /// A new input of a random type.
    OptionalInt input() {
        int kind = random.nextInt(10);
        DType dtype = kind < 4 ? DType.F32 : kind < 6 ? DType.F64 : one(List.of(DType.values()));
        return input(dtype, dims());
    }

    /// A weight, if there is one.
    OptionalInt weight() {
        List<Integer> weights = new ArrayList<>();
        for (int id = 0; id < lines.size(); id++) {
            if (lines.get(id) instanceof Program.Weight) {
                weights.add(id);
            }
        }
        return weights.isEmpty() ? OptionalInt.empty() : OptionalInt.of(one(weights));
    }

    /// What becomes of the weights in the end.
    Learning learning() {
        return weight().isPresent() && !once(3) ? one(List.of(Learning.values())) : Learning.NONE;
    }

    private int[] dims() {
        int rank = random.nextInt(5);
        int[] dims = new int[rank];
        long size = 1;
        for (int i = rank - 1; i >= 0; i--) {
            int dim = once(60) ? 0 : DIMS[random.nextInt(DIMS.length)];
            if (large && i == rank - 1) {
                dim = LONG[random.nextInt(LONG.length)];
            }
            dims[i] = size * dim > room() ? 1 : dim;
            size *= dims[i];
        }
        return dims;
    }

    // ---- steps

    /// A call on some lines; nothing if one of them is missing.
    static Optional<Program.Step> step(String text, Program.Body body, OptionalInt... from) {
        if (Arrays.stream(from).anyMatch(OptionalInt::isEmpty)) {
            return Optional.empty();
        }
        List<Integer> ids = Arrays.stream(from).map(OptionalInt::getAsInt).toList();
        // the type is known once the step has been run
        return Optional.of(new Program.Step(text, ids, body, TensorType.of(DType.BOOL)));
    }

    /// Numbers as Java arguments.
    static String text(int... numbers) {
        return String.join(", ", Arrays.stream(numbers).mapToObj(Integer::toString).toList());
    }
}
