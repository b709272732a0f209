package org.gemel.backend.vector;

import java.util.IdentityHashMap;
import java.util.Map;
import org.gemel.ir.Node;

/// A number for each of some nodes.
final class NodeNumbers {
    private final Map<Node, Integer> numbers = new IdentityHashMap<>();

    void put(Node node, int number) {
        numbers.put(node, number);
    }

    /// The number of a node that has one.
    int of(Node node) {
        Integer number = numbers.get(node);
        if (number == null) {
            throw new IllegalArgumentException(
                    "region: expects only its own nodes, but got " + node);
        }
        return number;
    }

    /// The number of `node`, or `otherwise`.
    int of(Node node, int otherwise) {
        Integer number = numbers.get(node);
        return number == null ? otherwise : number;
    }

    int size() {
        return numbers.size();
    }

    /// The largest number, or -1 if there is none.
    int largest() {
        int largest = -1;
        for (int number : numbers.values()) {
            largest = Math.max(largest, number);
        }
        return largest;
    }
}
