package org.gemel.ir;

import java.util.List;
import java.util.Optional;
import org.gemel.Shape;
import org.gemel.op.Conv;
import org.gemel.op.MatMul;
import org.gemel.op.Op;
import org.gemel.op.Reduce;

/// What a backend compiles: a small graph with one loop structure.
///
/// The outputs of the graph are written contiguously; its inputs are read through layouts (whose
/// offsets the caller adds to the addresses). [Fill][org.gemel.op.Fill] nodes are immediate
/// constants. Inputs broadcast against the space.
///
/// @param loop the loop structure
/// @param space the shape that is iterated over; for CALL, the shape of the last output
/// @param graph the computation
/// @param layouts how each input of the graph lies in memory
public record Region(Loop loop, Shape space, Graph graph, List<Layout> layouts) {
    /// The loop structures.
    public enum Loop {
        /// Every output element from the elements at the same place: point-wise operations only,
        /// all of the space's shape.
        ELEMENTS,
        /// Row by row: point-wise operations and reductions over the same trailing dimensions of
        /// the space, of at most [org.gemel.op.Reduce#BLOCK] elements together and more than one. A
        /// value has the shape of the space, or that with the reduced dimensions 1. Besides,
        /// reductions [across][#across] the rows, over all other dimensions, may take in values of
        /// the space's shape; they are outputs.
        ROWS,
        /// Point-wise operations of the space's shape, then reductions over the same leading
        /// dimensions (at most [org.gemel.op.Reduce#BLOCK] elements together and more than one),
        /// which are outputs.
        COLUMNS,
        /// One operation of another kind. Before a gather, the check of its indices may stand;
        /// after a [product][#product], point-wise operations on its result may follow (all of its
        /// shape), whose last values are the outputs.
        CALL
    }

    /// Copies the layouts.
    public Region {
        layouts = List.copyOf(layouts);
    }

    /// Whether point-wise operations on the result of `op` may follow it in its region: it is a
    /// matrix product or a convolution, whose results are finished part by part.
    public static boolean isProduct(Op op) {
        return op instanceof MatMul
                || (op instanceof Conv(var kind, _, _) && kind != Conv.Kind.WEIGHT);
    }

    /// Whether `node` is a reduction over leading dimensions of this region over rows, one result
    /// for each element of a row.
    public boolean across(Node node) {
        return loop == Loop.ROWS
                && node instanceof Node.Apply(Reduce reduce, _, _, _)
                && !runsAlong(space, reduce);
    }

    /// Whether `reduce` takes together elements that lie side by side in a tensor of shape `space`:
    /// its dimensions include the last one that is not 1.
    static boolean runsAlong(Shape space, Reduce reduce) {
        for (int axis = space.rank() - 1; axis >= 0; axis--) {
            if (space.dim(axis) != 1) {
                return reduce.axes().contains(axis);
            }
        }
        return true;
    }

    /// The product that the region computes, if it does.
    public Optional<Node.Apply> product() {
        for (Node node : graph.nodes()) {
            if (node instanceof Node.Apply apply && isProduct(apply.op())) {
                return Optional.of(apply);
            }
        }
        return Optional.empty();
    }
}
