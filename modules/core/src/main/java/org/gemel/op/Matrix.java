package org.gemel.op;

/// A matrix on the heap, row-major, in `double`: what [MatrixOp]s compute on.
///
/// @param rows the number of rows
/// @param columns the number of columns
/// @param elements row-major; not copied
public record Matrix(int rows, int columns, double[] elements) {
    /// A matrix of zeros.
    public Matrix(int rows, int columns) {
        this(rows, columns, new double[Math.multiplyExact(rows, columns)]);
    }

    /// The element at a place.
    double at(int row, int column) {
        return elements[row * columns + column];
    }

    void set(int row, int column, double value) {
        elements[row * columns + column] = value;
    }

    Matrix copy() {
        return new Matrix(rows, columns, elements.clone());
    }
}
