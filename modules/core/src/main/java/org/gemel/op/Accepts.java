package org.gemel.op;

import org.gemel.DType;

/// Which element types a row of a point-wise table takes.
enum Accepts {
    /// All but `bool`.
    NUMBERS("a number type", "F32"),
    /// Floating-point types.
    REALS("a floating-point type", "F32"),
    /// Integers, `bool` apart.
    INTEGERS("an integer type", "I64");

    private final String text;
    private final String remedy;

    Accepts(String text, String remedy) {
        this.text = text;
        this.remedy = remedy;
    }

    /// What is accepted, for messages.
    String text() {
        return text;
    }

    /// The name of a type to convert to, for messages.
    String remedy() {
        return remedy;
    }

    boolean takes(DType dtype) {
        return switch (this) {
            case NUMBERS -> dtype != DType.BOOL;
            case REALS -> dtype.isFloating();
            case INTEGERS -> dtype.isInteger();
        };
    }
}
