package org.gemel;

/// What every error of Gemel is: a message that states the rule, the facts and the remedy.
public class GemelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// An error with its whole message.
    public GemelException(String message) {
        super(message);
    }

    /// An error caused by another one, whose text the message already tells.
    public GemelException(String message, Throwable cause) {
        super(message, cause);
    }
}
