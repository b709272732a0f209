package org.gemel.ir;

import java.util.List;

/// A graph cut into regions in an order in which they can run.
///
/// @param steps the regions with what they read and make
/// @param outputs where each output of the graph is found
public record Lowered(List<Step> steps, List<Place> outputs) {
    /// One region to run.
    ///
    /// @param region what to compile
    /// @param inputs where each input of the region's graph is found
    /// @param outputs the nodes of the whole graph that the region's outputs are
    public record Step(Region region, List<Place> inputs, List<Node> outputs) {}

    /// A view of a node that has memory of its own: an input, a constant, or a step's output.
    ///
    /// @param base the node that owns the memory
    /// @param layout where the elements lie in it
    public record Place(Node base, Layout layout) {}
}
