package org.gemel.backend.ffm;

import java.util.Optional;
import org.gemel.backend.Backend;
import org.gemel.backend.Kernel;
import org.gemel.ir.Followers;
import org.gemel.ir.Node;
import org.gemel.ir.Region;

/// The point-wise operations after a product, as a kernel of its own whose last input is the
/// product.
///
/// @param kernel what computes them
/// @param places for each operand of the kernel which operand of the region it is; see [Followers]
record Epilogue(Kernel kernel, int[] places) {
    /// What follows `product` in the region; nothing if it stands alone.
    static Optional<Epilogue> of(Backend backend, Region region, Node.Apply product) {
        return Followers.of(region, product)
                .map(rest ->
                        new Epilogue(
                                backend.compile(rest.region()),
                                rest.places().stream().mapToInt(Integer::intValue).toArray()));
    }

    /// Runs after the product, which lies at `product`.
    void run(long[] addresses, long product) {
        long[] operands = new long[places.length];
        for (int i = 0; i < operands.length; i++) {
            operands[i] = places[i] == Followers.PRODUCT ? product : addresses[places[i]];
        }
        kernel.run(operands);
    }
}
