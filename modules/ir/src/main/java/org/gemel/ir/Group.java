package org.gemel.ir;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.gemel.Shape;
import org.gemel.ir.Region.Loop;
import org.gemel.op.Pointwise;
import org.gemel.op.Reduce;

/// Nodes that will be one region, and the loop that they share.
final class Group {
    final Set<Node.Apply> members = new LinkedHashSet<>();
    Loop loop;
    Shape space;
    Set<Integer> reduced;

    private Group(Node.Apply node, Loop loop, Shape space, Set<Integer> reduced) {
        members.add(node);
        this.loop = loop;
        this.space = space;
        this.reduced = reduced;
    }

    /// The group of one node.
    static Group of(Node.Apply node) {
        if (node.op() instanceof Pointwise) {
            return new Group(node, Loop.ELEMENTS, node.type().shape(), Set.of());
        }
        if (node.op() instanceof Reduce(_, var axes)) {
            Shape space = node.inputs().getFirst().type().shape();
            Set<Integer> reduced = new HashSet<>(axes);
            long size = axes.stream().mapToLong(space::dim).reduce(1, (a, b) -> a * b);
            boolean fits = size > 1 && size <= Reduce.BLOCK && space.size() > 0;
            if (fits && isTrailing(space, reduced)) {
                return new Group(node, Loop.ROWS, space, reduced);
            }
            if (fits && isLeading(space, reduced)) {
                return new Group(node, Loop.COLUMNS, space, reduced);
            }
        }
        return new Group(node, Loop.CALL, node.type().shape(), Set.of());
    }

    // Dimensions of size 1 count as either.
    private static boolean isTrailing(Shape space, Set<Integer> reduced) {
        boolean tail = true;
        for (int axis = space.rank() - 1; axis >= 0; axis--) {
            if (space.dim(axis) == 1) {
                continue;
            }
            if (reduced.contains(axis) && !tail) {
                return false;
            }
            tail = tail && reduced.contains(axis);
        }
        return true;
    }

    private static boolean isLeading(Shape space, Set<Integer> reduced) {
        boolean head = true;
        for (int axis = 0; axis < space.rank(); axis++) {
            if (space.dim(axis) == 1) {
                continue;
            }
            if (reduced.contains(axis) && !head) {
                return false;
            }
            head = head && reduced.contains(axis);
        }
        return true;
    }

    boolean isProduct() {
        return members.stream().anyMatch(member -> Region.isProduct(member.op()));
    }

    boolean reduces() {
        return members.stream().anyMatch(member -> member.op() instanceof Reduce);
    }

    /// The shape of what reductions along rows result in.
    Shape rowShape() {
        return space.reduced(reduced.stream().mapToInt(Integer::intValue).toArray());
    }

    /// Takes in the members of `consumer`, which reads what this group makes.
    void absorb(Group consumer) {
        // The structure of both together: the one that is not merely point-wise decides.
        Group shaped = loop == Loop.ELEMENTS || consumer.loop == Loop.CALL ? consumer : this;
        members.addAll(consumer.members);
        loop = shaped.loop;
        space = shaped.space;
        reduced = shaped.reduced;
    }

    /// Whether every dimension is reduced by one of both.
    boolean crosses(Group other) {
        boolean crosses = space.equals(other.space);
        for (int axis = 0; crosses && axis < space.rank(); axis++) {
            crosses =
                    space.dim(axis) == 1 || reduced.contains(axis) != other.reduced.contains(axis);
        }
        return crosses;
    }

    /// Whether this group reads what is complete only after the last row of `producer`.
    boolean waitsFor(Group producer) {
        return producer.loop == Loop.ROWS
                && members.stream()
                        .flatMap(member -> member.inputs().stream())
                        .anyMatch(input ->
                                input instanceof Node.Apply(Reduce reduce, _, _, _)
                                        && producer.members.contains(input)
                                        && !Region.runsAlong(producer.space, reduce));
    }
}
