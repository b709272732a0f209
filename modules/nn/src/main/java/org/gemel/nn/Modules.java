package org.gemel.nn;

import org.gemel.Gemel;
import org.gemel.Key;
import org.gemel.Parameter;

/// What one does with any module: `import static org.gemel.nn.Modules.init`.
public final class Modules {
    private Modules() {}

    /// Gives every parameter of `module` its initial value, parameter number `i` from the key
    /// `key.fold(i)`; returns the module.
    ///
    /// Parameters that were made with a value keep it.
    public static <M extends Module> M init(M module, Key key) {
        Gemel.noGrad(() -> {
            int index = 0;
            for (Parameter parameter : module.parameters()) {
                parameter.initialize(key.fold(index++));
            }
        });
        return module;
    }
}
