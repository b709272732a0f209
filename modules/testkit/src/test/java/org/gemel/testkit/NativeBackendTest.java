package org.gemel.testkit;

import static org.junit.jupiter.api.Assumptions.abort;

import org.gemel.GemelException;
import org.gemel.backend.Backend;
import org.gemel.backend.ffm.NativeBackend;
import org.junit.jupiter.api.BeforeAll;

final class NativeBackendTest extends BackendConformance {
    private static final Backend BACKEND = new NativeBackend();

    @BeforeAll
    static void needsALibrary() {
        try {
            BACKEND.workers();
        } catch (GemelException none) {
            abort(none.getMessage());
        }
    }

    @Override
    protected Backend backend() {
        return BACKEND;
    }
}
