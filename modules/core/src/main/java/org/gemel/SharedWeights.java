package org.gemel;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.gemel.op.MatMul;
import org.gemel.op.Op;
import org.jspecify.annotations.Nullable;

/// The matrices that several products of few rows multiply by, among what some outputs depend on.
final class SharedWeights {
    /// Which input of an operation is multiplied by which.
    ///
    /// @param input the place of the rows
    /// @param weight the place of the matrix
    /// @param transposed whether the matrix is `[outputs, inputs]`
    record Product(int input, int weight, boolean transposed) {}

    private static final Product PLAIN = new Product(0, 1, false);
    private static final Product LINEAR = new Product(0, 1, true);

    private final List<Tensor> outputs;
    private @Nullable Map<GradNode, int[]> counts;

    SharedWeights(List<Tensor> outputs) {
        this.outputs = outputs;
    }

    /// The product that a node is, if another one shares its weight and has as few rows.
    Optional<Product> of(GradNode node) {
        return product(node).filter(product -> count(node, product) > 1);
    }

    private int count(GradNode node, Product product) {
        if (counts == null) {
            counts = counted();
        }
        GradNode edge = node.edges[product.weight()];
        int[] ports = edge == null ? null : counts.get(edge);
        return ports == null ? 0 : ports[node.ports[product.weight()]];
    }

    // Products by output of the node that they have their weight from.
    private Map<GradNode, int[]> counted() {
        Map<GradNode, int[]> counts = new IdentityHashMap<>();
        Set<GradNode> seen = new HashSet<>();
        List<GradNode> stack = new ArrayList<>();
        for (Tensor output : outputs) {
            reach(output.node(), seen, stack);
        }
        while (!stack.isEmpty()) {
            GradNode node = stack.removeLast();
            product(node)
                    .ifPresent(product -> {
                        GradNode edge = node.edges[product.weight()];
                        if (edge != null) {
                            int port = node.ports[product.weight()];
                            counts.computeIfAbsent(edge, e -> new int[e.outputTypes.size()])[
                                    port]++;
                        }
                    });
            for (GradNode edge : node.edges) {
                reach(edge, seen, stack);
            }
        }
        return counts;
    }

    private static void reach(@Nullable GradNode node, Set<GradNode> seen, List<GradNode> stack) {
        if (node != null && seen.add(node)) {
            stack.add(node);
        }
    }

    private static Optional<Product> product(GradNode node) {
        Op op = node.op.orElse(null);
        boolean linear = op != null && Composites.isLinear(op);
        boolean plain =
                op == MatMul.MATMUL
                        && node.inputTypes.stream().allMatch(type -> type.shape().rank() == 2);
        if (!linear && !plain) {
            return Optional.empty();
        }
        Shape weight = node.inputTypes.get(1).shape();
        return isFew(node.inputTypes.getFirst().shape(), weight)
                ? Optional.of(linear ? LINEAR : PLAIN)
                : Optional.empty();
    }

    // Whether copying the rows is less work than adding up matrices as large as the weight.
    private static boolean isFew(Shape rows, Shape weight) {
        long inner = rows.dim(-1);
        long numbers = inner == 0 ? 0 : rows.size() / inner * (weight.dim(0) + weight.dim(1));
        return numbers <= 2 * weight.size();
    }
}
