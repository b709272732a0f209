package org.gemel;

/// Elements, and where along a dimension they were found.
///
/// @param values the elements
/// @param indices their places (i64), of the same shape
public record Indexed(Tensor values, Tensor indices) {}
