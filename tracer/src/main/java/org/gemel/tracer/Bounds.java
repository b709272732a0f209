package org.gemel.tracer;

import java.util.Optional;

/// How large a trace tree may grow. A call that would need more runs eagerly.
final class Bounds {
    /// The most values that are told apart at one look.
    static final int VALUES = 16;

    /// The most looks on one way through a function.
    static final int LOOKS = 1000;

    /// The most segments of one tree.
    static final int SEGMENTS = 4000;

    /// A bound that was reached, in words.
    record Exceeded(String rule, String facts, String remedy) {
        @Override
        public String toString() {
            return "expects %s, but %s; %s".formatted(rule, facts, remedy);
        }
    }

    private Bounds() {}

    /// Whether another branch after `look` is too many.
    ///
    /// @param looks how many there were in this call, this one included
    static Optional<Exceeded> check(Segment.Look look, int looks) {
        String where = look.source().map(line -> " at " + line).orElse("");
        if (look.children().size() >= VALUES) {
            return Optional.of(
                    new Exceeded(
                            "at most %d different values of a number that it looks at"
                                    .formatted(VALUES),
                            "the %s%s took more".formatted(look.node().type(), where),
                            "keep the number in a tensor, return it and read it outside"));
        }
        if (looks >= LOOKS) {
            return Optional.of(
                    new Exceeded(
                            "at most %,d looks at values in one call".formatted(LOOKS),
                            "the look%s was one more".formatted(where),
                            "trace the body of the loop instead of the loop"));
        }
        return Optional.empty();
    }

    /// Whether a tree of this many segments is full.
    static Optional<Exceeded> check(int segments) {
        return segments < SEGMENTS
                ? Optional.empty()
                : Optional.of(
                        new Exceeded(
                                "at most %,d segments".formatted(SEGMENTS),
                                "the values that it looks at lead to more",
                                "trace smaller functions, or keep the decision in tensors with"
                                        + " Tensor.where"));
    }
}
