package org.gemel.backend.ffm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gemel.backend.Backend;
import org.gemel.backend.Kernel;
import org.gemel.ir.Graph;
import org.gemel.ir.Layout;
import org.gemel.ir.Node;
import org.gemel.ir.Region;

/// The point-wise operations after a product, as a kernel of its own whose last input is the
/// product.
///
/// @param kernel what computes them
/// @param places for each operand of the kernel which operand of the region it is, or -1 for the
///   product
record Epilogue(Kernel kernel, int[] places) {
    private static final int PRODUCT = -1;

    /// What follows `product` in the region; nothing if it stands alone.
    static Optional<Epilogue> of(Backend backend, Region region, Node.Apply product) {
        Graph graph = region.graph();
        if (graph.outputs().stream().allMatch(output -> output == product)) {
            return Optional.empty();
        }
        Node.Input given = new Node.Input("product", product.type());
        Graph rest =
                graph.map((apply, operands) ->
                        apply == product
                                ? given
                                : new Node.Apply(
                                        apply.op(), operands, apply.type(), apply.source()));
        List<Node> read = new Graph(List.of(), rest.outputs()).nodes();
        List<Node.Input> inputs = new ArrayList<>();
        List<Layout> layouts = new ArrayList<>();
        List<Node> outputs = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < graph.inputs().size(); i++) {
            if (read.contains(graph.inputs().get(i))) {
                inputs.add(graph.inputs().get(i));
                layouts.add(region.layouts().get(i));
                places.add(i);
            }
        }
        inputs.add(given);
        layouts.add(Layout.contiguous(product.type().shape()));
        places.add(PRODUCT);
        for (int i = 0; i < rest.outputs().size(); i++) {
            if (rest.outputs().get(i) != given) {
                outputs.add(rest.outputs().get(i));
                places.add(graph.inputs().size() + i);
            }
        }
        Region elements =
                new Region(
                        Region.Loop.ELEMENTS,
                        product.type().shape(),
                        new Graph(inputs, outputs),
                        layouts);
        return Optional.of(
                new Epilogue(
                        backend.compile(elements),
                        places.stream().mapToInt(Integer::intValue).toArray()));
    }

    /// Runs after the product, which lies at `product`.
    void run(long[] addresses, long product) {
        long[] operands = new long[places.length];
        for (int i = 0; i < operands.length; i++) {
            operands[i] = places[i] == PRODUCT ? product : addresses[places[i]];
        }
        kernel.run(operands);
    }
}
