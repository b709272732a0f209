package org.gemel.bench.report;

/// Ends a command with one line for the user: the rule, the facts, the remedy.
public final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    private Problem(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /// Whose turn it is.
    public enum Kind {
        /// The command line is wrong.
        USAGE,
        /// Something that is needed is not there.
        MISSING,
        /// Something did not work.
        FAILED
    }

    /// The command line is wrong.
    public static Problem usage(String message) {
        return new Problem(Kind.USAGE, message);
    }

    /// Something that is needed is not there.
    public static Problem missing(String message) {
        return new Problem(Kind.MISSING, message);
    }

    /// Something did not work.
    public static Problem failed(String message) {
        return new Problem(Kind.FAILED, message);
    }

    /// Whose turn it is.
    public Kind kind() {
        return kind;
    }
}
