package org.gemel.backend.vector;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A backend for all tests of a class, whose workers end with them.
final class RunningBackend implements BeforeAllCallback, AfterAllCallback {
    private final VectorBackend backend = new VectorBackend();

    @Override
    public void beforeAll(ExtensionContext context) {
        backend.threads(2);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        backend.workers().close();
    }

    VectorBackend get() {
        return backend;
    }
}
