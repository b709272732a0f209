package org.gemel.optim;

import java.util.List;
import org.gemel.GemelException;
import org.gemel.Tensor;

/// The usual schedules of the learning rate. In their formulas `t` is how many steps were made.
public final class Schedules {
    private Schedules() {}

    /// `base factor` for `total` steps, then `base`.
    public record Constant(double base, double factor, int total) implements Schedule {
        @Override
        public Tensor rate(Tensor steps) {
            return Tensor.where(steps.lt(total), number(base * factor), number(base));
        }
    }

    /// `base gamma^floor(t / size)`.
    public record Step(double base, int size, double gamma) implements Schedule {
        /// Checks the size.
        public Step {
            positive("step", "a size", size);
        }

        @Override
        public Tensor rate(Tensor steps) {
            return number(gamma).pow(steps.div(size).floor()).mul(base);
        }
    }

    /// `base gamma^k`, with `k` the number of milestones up to `t`.
    public record MultiStep(double base, List<Integer> milestones, double gamma)
            implements Schedule {
        /// Copies the list.
        public MultiStep {
            milestones = List.copyOf(milestones);
        }

        @Override
        public Tensor rate(Tensor steps) {
            Tensor passed = number(0);
            for (int milestone : milestones) {
                passed = Tensor.where(steps.lt(milestone), passed, passed.add(1));
            }
            return number(gamma).pow(passed).mul(base);
        }
    }

    /// `base gamma^t`.
    public record Exponential(double base, double gamma) implements Schedule {
        @Override
        public Tensor rate(Tensor steps) {
            return number(gamma).pow(steps).mul(base);
        }
    }

    /// `base (start + (end - start) min(t, total) / total)`: warm-up if `start < end`.
    public record Linear(double base, double start, double end, int total) implements Schedule {
        /// Checks the number of steps.
        public Linear {
            positive("linear", "a number of steps", total);
        }

        @Override
        public Tensor rate(Tensor steps) {
            Tensor part = part(steps, total);
            return part.mul(end - start).add(start).mul(base);
        }
    }

    /// `base (1 - min(t, total) / total)^power`.
    public record Polynomial(double base, int total, double power) implements Schedule {
        /// Checks the number of steps.
        public Polynomial {
            positive("polynomial", "a number of steps", total);
        }

        @Override
        public Tensor rate(Tensor steps) {
            return part(steps, total).rsub(1).pow(power).mul(base);
        }
    }

    /// `least + (base - least) (1 + cos(pi t / half)) / 2` (Loshchilov and Hutter, 2017).
    public record Cosine(double base, int half, double least) implements Schedule {
        /// Checks the number of steps.
        public Cosine {
            positive("cosine", "a number of steps", half);
        }

        @Override
        public Tensor rate(Tensor steps) {
            return between(base, least, steps.div(half));
        }
    }

    /// [Cosine] that starts again after `first` steps, then after `first factor`, `first factor^2`
    /// ... more (Loshchilov and Hutter, 2017).
    public record CosineRestarts(double base, int first, int factor, double least)
            implements Schedule {
        private static final double FOREVER = 1L << 50;

        /// Checks the lengths.
        public CosineRestarts {
            positive("cosine restarts", "a number of steps", first);
            positive("cosine restarts", "a factor", factor);
        }

        @Override
        public Tensor rate(Tensor steps) {
            if (factor == 1) {
                Tensor start = steps.div(first).floor().mul(first);
                return between(base, least, steps.sub(start).div(first));
            }
            Tensor start = number(0);
            Tensor length = number(first);
            double end = first;
            for (double next = (double) first * factor; end < FOREVER; next *= factor) {
                Tensor before = steps.lt(end);
                start = Tensor.where(before, start, number(end));
                length = Tensor.where(before, length, number(next));
                end += next;
            }
            return between(base, least, steps.sub(start).div(length));
        }
    }

    /// How a rate goes from one value to another.
    public enum Curve {
        /// Half a wave.
        COSINE,
        /// A straight line.
        LINEAR
    }

    /// One cycle (Smith and Topin, 2018): from `largest / divisor` up to `largest` in the first
    /// part of `total` steps, then down to `largest / divisor / finalDivisor`.
    ///
    /// @param largest the largest rate
    /// @param total the number of steps; the rate stays as it is after them
    /// @param rising which part of the steps the rate rises in
    /// @param curve how it goes
    /// @param divisor how much smaller the rate is at the start
    /// @param finalDivisor how much smaller than at the start it is at the end
    /// @param threePhases whether it falls as it rose first, and only then to the smallest
    public record OneCycle(
            double largest,
            int total,
            double rising,
            Curve curve,
            double divisor,
            double finalDivisor,
            boolean threePhases)
            implements Schedule {
        /// A third up on half a wave, from a 25th, and down to a 10,000th of that.
        public OneCycle(double largest, int total) {
            this(largest, total, 0.3, Curve.COSINE, 25, 1e4, false);
        }

        /// Checks the number of steps.
        public OneCycle {
            positive("one cycle", "a number of steps", total);
            Rate.fraction("part that rises", rising);
        }

        @Override
        public Tensor rate(Tensor steps) {
            double small = largest / divisor;
            double least = small / finalDivisor;
            double top = rising * total - 1;
            double end = total - 1;
            Tensor last;
            if (threePhases) {
                double back = 2 * rising * total - 2;
                Tensor fall = phase(steps, top, back, largest, small);
                last =
                        Tensor.where(
                                steps.le(number(back)),
                                fall,
                                phase(steps, back, end, small, least));
            } else {
                last = phase(steps, top, end, largest, least);
            }
            return Tensor.where(steps.le(number(top)), phase(steps, 0, top, small, largest), last);
        }

        private Tensor phase(Tensor steps, double from, double to, double start, double end) {
            Tensor part = steps.minimum(number(total - 1)).sub(from).div(to - from);
            return switch (curve) {
                case COSINE -> between(start, end, part);
                case LINEAR -> part.mul(end - start).add(start);
            };
        }
    }

    /// How the height of a cycle changes from one to the next.
    public enum Height {
        /// Not at all.
        SAME,
        /// It halves.
        HALVED,
        /// It is `gamma^t`.
        EXPONENTIAL
    }

    /// Up from `base` to `largest` in `up` steps and down again in `down`, over and over (Smith,
    /// 2017).
    ///
    /// @param base the smallest rate
    /// @param largest the largest rate
    /// @param up how many steps the rate rises
    /// @param down how many steps it falls
    /// @param height how the cycles' height changes
    /// @param gamma the factor of [Height#EXPONENTIAL]
    public record Cyclic(double base, double largest, int up, int down, Height height, double gamma)
            implements Schedule {
        /// Checks the numbers of steps.
        public Cyclic {
            positive("cyclic", "a number of rising steps", up);
            positive("cyclic", "a number of falling steps", down);
        }

        @Override
        public Tensor rate(Tensor steps) {
            double total = (double) up + down;
            double ratio = up / total;
            Tensor cycle = steps.div(total).floor();
            Tensor x = steps.div(total).sub(cycle);
            Tensor scale = Tensor.where(x.le(number(ratio)), x.div(ratio), x.sub(1).div(ratio - 1));
            Tensor rise = scale.mul(largest - base);
            Tensor scaled =
                    switch (height) {
                        case SAME -> rise;
                        case HALVED -> rise.mul(number(0.5).pow(cycle));
                        case EXPONENTIAL -> rise.mul(number(gamma).pow(steps));
                    };
            return scaled.add(base);
        }
    }

    /// One schedule after the other: number `i + 1` from step `milestones[i]` on, which it takes as
    /// its step 0.
    public record Sequence(List<Schedule> schedules, List<Integer> milestones) implements Schedule {
        /// Copies the lists.
        public Sequence {
            schedules = List.copyOf(schedules);
            milestones = List.copyOf(milestones);
            if (schedules.size() != milestones.size() + 1) {
                throw new GemelException(
                        "schedule: expects one milestone between each two schedules, but got %d"
                                        .formatted(schedules.size())
                                + " schedules and milestones %s; give one less"
                                        .formatted(milestones));
            }
        }

        @Override
        public Tensor rate(Tensor steps) {
            Tensor rate = schedules.getFirst().rate(steps);
            for (int i = 0; i < milestones.size(); i++) {
                int start = milestones.get(i);
                Tensor next = schedules.get(i + 1).rate(steps.sub(start));
                rate = Tensor.where(steps.lt(start), rate, next);
            }
            return rate;
        }
    }

    private static Tensor number(double value) {
        return Rate.number(value);
    }

    // min(t, total) / total
    private static Tensor part(Tensor steps, int total) {
        return steps.minimum(number(total)).div(total);
    }

    // From `start` to `end` on half a wave as `part` goes from 0 to 1.
    private static Tensor between(double start, double end, Tensor part) {
        return part.mul(Math.PI).cos().add(1).mul((start - end) / 2).add(end);
    }

    private static void positive(String schedule, String what, int value) {
        if (value < 1) {
            throw new GemelException(
                    "%s: expects %s of at least 1, but got %d; check the schedule's numbers"
                            .formatted(schedule, what, value));
        }
    }
}
