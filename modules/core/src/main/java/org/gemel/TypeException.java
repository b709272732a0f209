package org.gemel;

/// An operation was given tensors or arguments it does not accept. The message ends with the user's
/// source line, and what it calls where that is made of the operation that complains.
public final class TypeException extends GemelException {
    private static final long serialVersionUID = 1L;

    /// An error at the user's line that is running now.
    ///
    /// @param message rule, facts and remedy, as in `matmul: expects [.., m, k] x [.., k, n], but
    ///   got [64, 784] x [256, 784]; did you mean w.transpose()?`
    public TypeException(String message) {
        super(
                message
                        + SourceLine.current().map(line -> "\n  at " + line).orElse("")
                        + call(message));
    }

    // As in `, calling mish`, for an error of the exponential inside.
    private static String call(String message) {
        return SourceLine.called()
                .filter(name -> !message.startsWith(name + ":"))
                .map(name -> ", calling " + name)
                .orElse("");
    }
}
