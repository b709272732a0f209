package org.gemel.testkit;

import org.gemel.backend.Backend;

class VectorBackendTest extends BackendConformance {
    @Override
    protected Backend backend() {
        return Backend.current();
    }
}
