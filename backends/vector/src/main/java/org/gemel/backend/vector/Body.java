package org.gemel.backend.vector;

import java.util.List;
import org.gemel.DType;
import org.gemel.op.Pointwise;
import org.gemel.op.Reduce;

/// What a [Loop] is generated from, free of sizes and strides: equal bodies are one class.
///
/// Values are numbered; a value lives in memory (an operand), is a constant, or is computed.
///
/// @param operands what lies in memory, in the order of the addresses
/// @param constants the immediate values
/// @param stages what is done, one after another
record Body(List<Operand> operands, List<Constant> constants, List<Stage> stages) {
    /// Copies the lists.
    Body {
        operands = List.copyOf(operands);
        constants = List.copyOf(constants);
        stages = List.copyOf(stages);
    }

    /// Something in memory.
    ///
    /// @param value the value it holds
    /// @param dtype the type of its elements
    /// @param single whether it is one element, the same for the whole run
    record Operand(int value, DType dtype, boolean single) {}

    /// A constant.
    ///
    /// @param value the value
    /// @param dtype its type
    /// @param bits the number, as raw bits of a `double`, so that zeros and NaNs compare by bits
    record Constant(int value, DType dtype, long bits) {}

    /// One pass over the run; all operands are read before any is written at the same place.
    ///
    /// @param once whether it computes on single elements, and only one
    /// @param steps the operations, in order
    /// @param stores what is written to memory
    /// @param folds reductions that take in an element each
    record Stage(boolean once, List<Step> steps, List<Store> stores, List<Fold> folds) {
        /// Copies the lists.
        Stage {
            steps = List.copyOf(steps);
            stores = List.copyOf(stores);
            folds = List.copyOf(folds);
        }
    }

    /// One operation.
    record Step(Pointwise op, List<Integer> inputs, int value, DType dtype) {
        /// Copies the list.
        Step {
            inputs = List.copyOf(inputs);
        }
    }

    /// A value that is written.
    ///
    /// @param value which
    /// @param operand where, an index of the operands
    record Store(int value, int operand) {}

    /// A reduction.
    ///
    /// @param kind how elements combine
    /// @param value what is reduced
    /// @param dtype its type
    /// @param lanes the operand with 64 accumulators, or as many as the run has elements
    /// @param result the operand for the result, or -1 if every element of the run has an
    ///   accumulator of its own
    record Fold(Reduce.Kind kind, int value, DType dtype, int lanes, int result) {}
}
