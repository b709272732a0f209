package org.gemel.ir;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The point-wise operations that follow the product of a region, as a region of their own whose
/// last input is the product.
///
/// @param region what they compute, element by element
/// @param places for each operand of `region` (its inputs, then its outputs) which operand of the
///   whole region it is, or [#PRODUCT]
public record Followers(Region region, List<Integer> places) {
    /// The place of the product.
    public static final int PRODUCT = -1;

    /// Copies the list.
    public Followers {
        places = List.copyOf(places);
    }

    /// What follows `product` in `region`; nothing if it stands alone.
    public static Optional<Followers> of(Region region, Node.Apply product) {
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
        return Optional.of(new Followers(elements, places));
    }
}
