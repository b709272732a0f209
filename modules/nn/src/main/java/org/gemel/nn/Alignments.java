package org.gemel.nn;

import java.util.List;
import org.gemel.DType;
import org.gemel.Shape;
import org.gemel.Tensor;
import org.gemel.TypeException;
import org.gemel.op.CheckIndex;
import org.gemel.op.Composite;
import org.gemel.op.Gather;

/// Connectionist temporal classification (Graves et al., 2006): the forward recursion, in
/// logarithms.
///
/// A row of labels `l1 l2 ..` is read as states `_ l1 _ l2 _ ..` with blanks between. A step stays,
/// goes on by one state, or skips a blank between labels that differ.
final class Alignments {
    // Stands for the logarithm of zero: sums of it stay finite, and so do derivatives.
    private static final double NEVER = -1e30;

    private Alignments() {}

    /// The negative logarithm of the probability of each row of labels; infinite where it is zero.
    static Tensor likelihood(Tensor logs, Tensor labels, Tensor steps, Tensor lengths, int blank) {
        boolean fits =
                logs.dtype().isFloating()
                        && !logs.dtype().isNarrow()
                        && logs.shape().rank() == 3
                        && labels.dtype() == DType.I64
                        && labels.shape().rank() == 2
                        && labels.shape().dim(0) == logs.shape().dim(1);
        Shape one = fits ? Shape.of(logs.shape().dim(1)) : Shape.SCALAR;
        if (!fits
                || steps.dtype() != DType.I64
                || lengths.dtype() != DType.I64
                || !steps.shape().equals(one)
                || !lengths.shape().equals(one)) {
            throw new TypeException(
                    "ctc: expects f32 or f64 [steps, n, classes], labels i64[n, most] and two lengths"
                            + " i64[n], but got %s, %s, %s and %s; reshape or convert them"
                                    .formatted(
                                            logs.type(),
                                            labels.type(),
                                            steps.type(),
                                            lengths.type()));
        }
        int classes = logs.shape().dim(2);
        if (blank < 0 || blank >= classes) {
            throw new TypeException(
                    "ctc: expects a blank from 0 to %d, but got %d; check it"
                            .formatted(classes - 1, blank));
        }
        int most = labels.shape().dim(1);
        Tensor ends = checked(lengths, most + 1);
        Tensor used = Tensor.arange(most, DType.I64).lt(ends.unsqueeze(1));
        Tensor known = checked(Tensor.where(used, labels, labels.zerosLike().add(blank)), classes);
        Composite op =
                Composite.of(
                        "ctc",
                        List.of(blank),
                        in ->
                                List.of(
                                        recursion(
                                                in.get(0), in.get(1), in.get(2), in.get(3),
                                                blank)));
        Tensor last = checked(steps, logs.shape().dim(0) + 1);
        return Tensor.apply(op, List.of(logs, known, last, ends)).getFirst();
    }

    private static Tensor checked(Tensor index, int bound) {
        return Tensor.apply(new CheckIndex(bound, "ctc"), List.of(index)).getFirst();
    }

    private static Tensor recursion(
            Tensor logs, Tensor labels, Tensor steps, Tensor lengths, int blank) {
        int n = labels.shape().dim(0);
        int states = 2 * labels.shape().dim(1) + 1;
        Tensor read = states(labels, blank);
        int time = logs.shape().dim(0);
        Tensor wide = read.unsqueeze(0).expand(Shape.of(time, n, states));
        Tensor each = Tensor.apply(new Gather(2), List.of(logs, wide)).getFirst();
        Tensor never = Tensor.full(each.type().with(Shape.SCALAR), NEVER);
        Tensor number = Tensor.arange(states, DType.I64);
        // before the first step: as if at the first blank, whose own step is yet to come
        Tensor all =
                Tensor.where(number.eq(0), never.zerosLike(), never).expand(Shape.of(n, states));
        for (int t = 0; t < time; t++) {
            Tensor next = all.logAddExp(behind(all, never, 1));
            if (states > 2) {
                Tensor far =
                        Tensor.where(skips(read, blank), all.slice(1, 0, states - 2, 1), never);
                next = next.logAddExp(behind(far, never, 2));
            }
            Tensor now = each.slice(0, t, t + 1, 1).squeeze(0);
            all = Tensor.where(steps.gt(t).unsqueeze(1), next.add(now), all);
        }
        // the last label, or the blank behind it
        Tensor end = lengths.mul(2).unsqueeze(1);
        Tensor last = number.eq(end).or(number.eq(end.sub(1)));
        Tensor total = Tensor.where(last, all, never).logSumExp(1);
        Tensor lost = total.lt(NEVER / 2);
        return Tensor.where(lost, total.zerosLike().add(Double.POSITIVE_INFINITY), total.neg());
    }

    // Whether a state may come right after the one two before.
    private static Tensor skips(Tensor read, int blank) {
        int states = read.shape().dim(1);
        Tensor own = read.slice(1, 2, states, 1);
        return own.ne(read.slice(1, 0, states - 2, 1)).and(own.ne(blank));
    }

    // [n, labels] with blanks around each.
    private static Tensor states(Tensor labels, int blank) {
        int n = labels.shape().dim(0);
        int most = labels.shape().dim(1);
        Tensor blanks = labels.zerosLike().add(blank);
        Tensor pairs = Tensor.stack(List.of(blanks, labels), 2).reshape(Shape.of(n, 2 * most));
        Tensor end = Tensor.full(labels.type().with(Shape.of(n, 1)), blank);
        return Tensor.concat(List.of(pairs, end), 1);
    }

    // The states `count` before: the first ones have none. `x` may have left out its last ones.
    private static Tensor behind(Tensor x, Tensor never, int count) {
        int n = x.shape().dim(0);
        int kept = count == 1 ? x.shape().dim(1) - 1 : x.shape().dim(1);
        Tensor none = never.expand(Shape.of(n, count));
        return Tensor.concat(List.of(none, x.slice(1, 0, kept, 1)), 1);
    }
}
