package org.gemel.compiler;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gemel.Shape;
import org.gemel.backend.Backend;
import org.gemel.backend.View;
import org.gemel.ir.Elements;
import org.gemel.ir.Graph;
import org.gemel.ir.Node;
import org.gemel.op.Dense;
import org.gemel.op.Fill;
import org.gemel.op.Movement;
import org.gemel.op.Pointwise;

/// Computes at compile time what depends on constants alone, with the kernels that would compute it
/// at run time: the bits are the same.
final class FoldConstants implements Pass {
    // Larger results would cost more memory than they save time.
    private static final long LARGEST = 1 << 20;

    private final Backend backend;

    FoldConstants(Backend backend) {
        this.backend = backend;
    }

    @Override
    public String name() {
        return "fold-constants";
    }

    @Override
    public Exactness exactness() {
        return Exactness.EXACT;
    }

    @Override
    public Graph run(Graph graph) {
        return graph.map(this::fold);
    }

    private Node fold(Node.Apply node, List<Node> operands) {
        Node.Apply current =
                node.inputs().equals(operands)
                        ? node
                        : new Node.Apply(node.op(), operands, node.type(), node.source());
        // A fill is a constant already; a check must fail when the program runs.
        boolean foldable =
                !(node.op() instanceof Fill)
                        && !node.op().mayFail()
                        && operands.stream().allMatch(FoldConstants::isConstant);
        if (!foldable) {
            return current;
        }
        Optional<Node> uniform = foldUniform(current);
        if (uniform.isPresent()) {
            return uniform.get();
        }
        return node.type().bytes() <= LARGEST && node.type().shape().size() > 0
                ? new Node.Constant(node.type(), compute(current))
                : current;
    }

    // Of equal elements everywhere: one is computed, and stays an immediate value of kernels
    // rather than memory.
    private Optional<Node> foldUniform(Node.Apply node) {
        List<Double> values = new ArrayList<>();
        for (Node operand : node.inputs()) {
            if (!(operand instanceof Node.Apply(Fill(_, var value), _, _, _))) {
                return Optional.empty();
            }
            values.add(value);
        }
        if (node.op() instanceof Movement) {
            return Optional.of(filled(node, values.getFirst()));
        }
        if (!(node.op() instanceof Pointwise)) {
            return Optional.empty();
        }
        List<Node> scalars = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            Fill one = new Fill(node.inputs().get(i).type().with(Shape.SCALAR), values.get(i));
            scalars.add(Node.Apply.of(one, List.of(), Optional.empty()));
        }
        Node.Apply scalar = Node.Apply.of(node.op(), scalars, node.source());
        Dense result = Elements.read(new Node.Constant(scalar.type(), compute(scalar)));
        // A fill holds a double: not every i64, and no payload of a NaN.
        boolean holds =
                result.type().dtype().isFloating()
                        ? !Double.isNaN(result.real(0))
                        : Math.abs(result.integer(0)) <= 1L << 53;
        return holds ? Optional.of(filled(node, result.real(0))) : Optional.empty();
    }

    private static Node filled(Node.Apply node, double value) {
        return Node.Apply.of(new Fill(node.type(), value), List.of(), node.source());
    }

    private static boolean isConstant(Node node) {
        return node instanceof Node.Constant || node instanceof Node.Apply(Fill _, _, _, _);
    }

    private byte[] compute(Node.Apply node) {
        List<Node.Input> inputs = new ArrayList<>();
        List<Node> operands = new ArrayList<>();
        List<View> views = new ArrayList<>();
        for (Node operand : node.inputs()) {
            if (operand instanceof Node.Constant constant) {
                View view = View.allocate(constant.type());
                view.copyFrom(MemorySegment.ofArray(constant.data()));
                views.add(view);
                Node.Input input = new Node.Input("c" + inputs.size(), constant.type());
                inputs.add(input);
                operands.add(input);
            } else {
                operands.add(operand);
            }
        }
        Node.Apply copy = new Node.Apply(node.op(), operands, node.type(), node.source());
        View[] results =
                Executable.lowered(
                                new Program(new Graph(inputs, List.of(copy)), List.of()),
                                false,
                                Schedule.Machine.SERIAL,
                                backend)
                        .run(views.toArray(View[]::new), new boolean[views.size()]);
        byte[] data = new byte[Math.toIntExact(node.type().bytes())];
        results[0].copyTo(MemorySegment.ofArray(data));
        results[0].release();
        views.forEach(View::release);
        return data;
    }
}
