package org.gemel.ir;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.gemel.Context;
import org.gemel.GemelException;
import org.gemel.Interpreter;
import org.gemel.Slot;
import org.gemel.SourceLine;
import org.gemel.Tensor;
import org.gemel.TensorType;
import org.gemel.TypeException;
import org.gemel.Value;
import org.gemel.op.Composite;
import org.gemel.op.Op;
import org.gemel.op.Primitive;

/// The interpreter that writes operations down: composites are inlined, primitives become nodes.
public class Recorder implements Interpreter {
    private final boolean sources;

    /// A recorder.
    ///
    /// @param sources whether nodes keep the user's source lines
    public Recorder(boolean sources) {
        this.sources = sources;
    }

    /// What stands behind a tensor while it is recorded.
    ///
    /// @param node the graph node
    /// @param owner the recorder that made it: a tensor is of use only there
    public record Symbol(Node node, Recorder owner) implements Value {
        @Override
        public void copyTo(MemorySegment target) {
            throw owner.unreadable(node);
        }

        @Override
        public String placeholder() {
            return "symbolic, being traced";
        }

        @Override
        public void retain() {}

        @Override
        public void release() {}
    }

    /// Captures `body` as a graph of inputs of the given types.
    public static Graph capture(List<TensorType> types, UnaryOperator<List<Tensor>> body) {
        Recorder recorder = new Recorder(false);
        List<Node.Input> inputs = new ArrayList<>();
        List<Tensor> symbols = new ArrayList<>();
        for (TensorType type : types) {
            Node.Input input = new Node.Input("x" + inputs.size(), type);
            inputs.add(input);
            symbols.add(recorder.symbol(input));
        }
        List<Tensor> results = new Context(recorder, false, null).call(() -> body.apply(symbols));
        return new Graph(inputs, results.stream().map(recorder::node).toList());
    }

    /// The error for a look at the elements of a tensor that stands for `node`.
    protected TypeException unreadable(Node node) {
        return new TypeException(
                "trace: expects a function that does not look at values while it is captured,"
                        + " but it read a tensor of type "
                        + node.type()
                        + "; return the tensor and read it outside, or use Tensor.where");
    }

    /// A tensor that stands for `node`.
    public Tensor symbol(Node node) {
        return Tensor.of(node.type(), new Symbol(node, this));
    }

    /// The node behind `tensor`; a tensor from outside is brought in by [#captured].
    public Node node(Tensor tensor) {
        return tensor.value() instanceof Symbol symbol && symbol.owner() == this
                ? symbol.node()
                : captured(tensor);
    }

    /// The node for a tensor that was made outside: its elements become a constant.
    protected Node captured(Tensor tensor) {
        byte[] data = new byte[Math.toIntExact(tensor.type().bytes())];
        tensor.value().copyTo(MemorySegment.ofArray(data));
        return new Node.Constant(tensor.type(), data);
    }

    @Override
    public List<Tensor> apply(Op op, List<Tensor> inputs) {
        return switch (op) {
            case Composite composite -> {
                // The rule is checked on the whole first, so that the message names it.
                yield composite.expand(inputs).stream().map(this::fresh).toList();
            }
            case Primitive primitive -> {
                Optional<SourceLine> source = sources ? SourceLine.current() : Optional.empty();
                List<Node> operands = inputs.stream().map(this::node).toList();
                yield List.of(symbol(recorded(Node.Apply.of(primitive, operands, source))));
            }
        };
    }

    /// Told of each new node, in program order; returns the node that is to stand for it.
    protected Node recorded(Node node) {
        return node;
    }

    // A new handle, since the caller links it to its own gradient node.
    private Tensor fresh(Tensor tensor) {
        return symbol(node(tensor));
    }

    @Override
    public Tensor constant(TensorType type, MemorySegment elements) {
        byte[] data = new byte[Math.toIntExact(type.bytes())];
        MemorySegment.copy(elements, 0, MemorySegment.ofArray(data), 0, data.length);
        return symbol(recorded(new Node.Constant(type, data)));
    }

    @Override
    public Optional<Tensor> read(Slot slot) {
        throw sideEffect("read", slot);
    }

    @Override
    public void write(Slot slot, Optional<Tensor> content) {
        throw sideEffect("assigned", slot);
    }

    private static GemelException sideEffect(String what, Slot slot) {
        return new TypeException(
                "composite: expects a body of its inputs alone, but it %s %s; pass the value in"
                        .formatted(what, slot));
    }

    @Override
    public void threads(int count) {
        throw new TypeException(
                "threads: expects to be called outside of a traced function; call it before");
    }
}
