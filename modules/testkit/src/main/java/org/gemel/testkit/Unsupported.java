package org.gemel.testkit;

import org.gemel.GemelException;

/// A golden case that asks for what does not exist yet.
final class Unsupported extends GemelException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    Unsupported(String reason) {
        super(reason);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
